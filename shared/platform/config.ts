import * as z from "zod";
import { databaseFaults, serverOf } from "./database/settings.ts";
import { exemptLoopback } from "./no-proxy.ts";
import { providerSettingNames, readProviders, type ProviderSettings } from "./provider-settings.ts";
import {
  commonFaults,
  idleDatabaseSettings,
  idleSettings,
  productionFaults,
  serverFaults,
  type SettingFault,
} from "./setting-rules.ts";
import { misspeltEnvironment, misspeltSettings } from "./misspelt-settings.ts";
import { unresolvedReferences } from "./setting-types.ts";
import { databaseShape, settings, type DatabaseSettings, type Settings } from "./settings.ts";

/** The parsed settings: frozen, with units in the names. Times are whole seconds. */
export type Config = Readonly<ReturnType<typeof loadConfig>>;

/** The access tokens' signature algorithms (RFC 7518, section 3.1; RFC 8037). */
export type Algorithm = "RS256" | "ES256" | "EdDSA" | "HS256";

/** One or more settings are wrong. The message names each, its rule and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const day = 24 * 60 * 60;

/** The names of the settings that are not of a provider with a name of its own. */
const ownNames = [...Object.keys(settings.shape), ...providerSettingNames.filter((name) => !name.startsWith("OIDC_"))];

/** The names of all settings, as they stand in `local.settings.example.json`. */
export const settingNames = [...Object.keys(settings.shape), ...providerSettingNames];

/**
 * Parses the settings. An empty one counts as absent. What may be another's variable, or merely does nothing, is a warning.
 * @throws ConfigError naming every wrong setting and its rule, never a value.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>) {
  const misspelt = misspeltSettings(environment, ownNames);
  if (environment["WEBSITE_INSTANCE_ID"] !== undefined && !environment["ENVIRONMENT"]) {
    throw refusal([["ENVIRONMENT", "is required in Azure: production or staging"]], misspelt);
  }
  const unresolved = unresolvedReferences(environment);
  if (unresolved.length > 0) throw refusal(unresolved);
  const raw = parse(settings, { environment, misspelt });
  const isProduction = raw.ENVIRONMENT !== "development";
  const { providers, faults: providerFaults, idle } = readProviders(environment, { isProduction });
  const faults = [
    ...commonFaults(raw),
    ...(isProduction ? productionFaults(raw) : []),
    ...providerFaults,
    ...misspeltEnvironment(environment),
  ];
  if (faults.length > 0) throw refusal(faults, misspelt);
  const warnings = told([...misspelt, ...idleSettings(raw), ...idle]);
  return assemble(raw, { isInAzure: environment["IDENTITY_ENDPOINT"] !== undefined, providers, warnings });
}

/** Reads the settings of this process: the only place that looks at the environment. From then on loopback is not proxied. */
export function loadProcessConfig(): Config {
  exemptLoopback(process.env);
  return loadConfig(process.env);
}

/** Of the settings of this process those that name the database: whoever migrates needs no other, no secret and no proxy. */
export function loadProcessDatabaseConfig(): Config["database"] & Pick<Config, "warnings"> {
  exemptLoopback(process.env);
  const misspelt = misspeltSettings(process.env, Object.keys(databaseShape));
  const raw = parse(z.object(databaseShape), { environment: process.env, misspelt });
  const isProduction = raw.ENVIRONMENT !== "development";
  const faults = [
    ...databaseFaults(raw),
    ...(isProduction ? serverFaults(raw) : []),
    ...misspeltEnvironment(process.env),
  ];
  if (faults.length > 0) throw refusal(faults, misspelt);
  const warnings = told([...misspelt, ...idleDatabaseSettings(raw)]);
  return { ...databaseOf(raw, process.env["IDENTITY_ENDPOINT"] !== undefined), warnings };
}

interface Given {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What may be why a setting is missing. */
  readonly misspelt: readonly SettingFault[];
}

function parse<S extends z.ZodObject>(schema: S, { environment, misspelt }: Given): z.output<S> {
  const names = Object.keys(schema.shape);
  const given = Object.fromEntries(
    names.map((name) => [name, environment[name] === "" ? undefined : environment[name]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => [issue.path.join("."), issue.message] as const);
  throw refusal(wrong, misspelt);
}

/** @param isInAzure whether the platform offers managed identities */
function databaseOf(raw: DatabaseSettings, isInAzure: boolean) {
  return Object.freeze({ embeddedFile: raw.EMBEDDED_DB_FILE, server: serverOf(raw, { isInAzure }) });
}

/** @param misspelt what may be why a setting is missing */
function refusal(faults: readonly SettingFault[], misspelt: readonly SettingFault[] = []): ConfigError {
  const hint = misspelt.length > 0 ? `; perhaps misspelt: ${told(misspelt).join("; ")}` : "";
  return new ConfigError(`Wrong settings: ${told(faults).join("; ")}${hint}`);
}

/** The lines about settings, each once. */
function told(faults: readonly SettingFault[]): readonly string[] {
  return [...new Set(faults.map(([name, rule]) => `${name} ${rule}`))];
}

interface Surroundings {
  /** Whether the platform offers managed identities. */
  readonly isInAzure: boolean;
  readonly providers: readonly ProviderSettings[];
  readonly warnings: readonly string[];
}

function assemble(raw: Settings, { isInAzure, providers, warnings }: Surroundings) {
  const issuer = raw.ISSUER ?? `http://localhost:${raw.PORT}`;
  const isDevelopment = raw.ENVIRONMENT === "development";
  const frontend = raw.FRONTEND_URL === undefined ? [] : [raw.FRONTEND_URL, `${raw.FRONTEND_URL.replace(/\/$/, "")}/`];
  const idleDays = raw.REFRESH_TOKEN_EXPIRE_DAYS ?? Math.min(7, raw.SESSION_ABSOLUTE_DAYS ?? 7);
  const origin = (url: string | undefined) => (url === undefined ? [] : [new URL(url).origin]);
  return Object.freeze({
    secretKey: raw.SECRET_KEY,
    previousSecretKey: raw.SECRET_KEY_PREVIOUS,
    issuer,
    /** Whether the service is reached over https: decides `Secure`, the `__Host-` prefix and HSTS. */
    isSecure: issuer.startsWith("https:"),
    allowedOrigins: new Set([...origin(issuer), ...origin(raw.FRONTEND_URL), ...raw.ALLOWED_ORIGINS]),
    isDevelopment,
    /** Where browsers may be sent: URLs, of which one that ends in a slash admits the paths below it. */
    redirects: Object.freeze({
      allowlist: [
        ...(raw.REDIRECT_ALLOWLIST.length > 0 ? raw.REDIRECT_ALLOWLIST : frontend),
        ...(isDevelopment ? [`${issuer}/test-login`] : []),
      ],
      frontendUrl: raw.FRONTEND_URL,
    }),
    providers,
    trustedProxyHops: raw.TRUSTED_PROXY_HOPS,
    bodyLimitBytes: raw.BODY_LIMIT_KIB * 1024,
    /** Whether the documents of the API are offered: in development unless the setting says otherwise. */
    apiDocs: raw.API_DOCS === undefined ? isDevelopment : raw.API_DOCS === "on",
    tokens: Object.freeze({
      algorithm: raw.ALGORITHM,
      audience: raw.AUDIENCE ?? issuer,
      clientId: raw.FIRST_PARTY_CLIENT_ID,
      ttlSeconds: raw.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      rotationSeconds: raw.SIGNING_KEY_ROTATION_DAYS * day,
      /** The key in Key Vault that signs; undefined for keys of the database. */
      vaultKeyId: raw.SIGNING_KEY_VAULT_KEY_ID,
    }),
    sessions: Object.freeze({
      idleSeconds: idleDays * day,
      absoluteSeconds: (raw.SESSION_ABSOLUTE_DAYS ?? Math.max(90, idleDays)) * day,
      graceSeconds: raw.REFRESH_TOKEN_GRACE_SECONDS,
    }),
    /** How many live sessions an account may have. */
    sessionsPerAccount: raw.SESSIONS_PER_ACCOUNT,
    /** How old a sign-in may be that changes how an account is signed in to. */
    sensitiveMaxAgeSeconds: raw.SENSITIVE_MAX_AGE_MINUTES * 60,
    passwords: Object.freeze({
      minLength: raw.PASSWORD_MIN_LENGTH,
      memoryKib: raw.ARGON2_MEMORY_KIB,
      iterations: raw.ARGON2_ITERATIONS,
      parallelism: raw.ARGON2_PARALLELISM,
    }),
    identity: Object.freeze({ clientId: raw.AZURE_CLIENT_ID, isInAzure }),
    database: databaseOf(raw, isInAzure),
    queueConnection: raw.AzureWebJobsStorage,
    /** What does nothing as it is set, a line each that names settings and no value: to be told at the start. */
    warnings,
  });
}
