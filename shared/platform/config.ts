import * as z from "zod";
import { databaseFaults, databaseSettings, serverOf } from "./database/settings.ts";
import { providerSettingNames, readProviders, type ProviderSettings } from "./provider-settings.ts";
import {
  issuerUrl,
  origins,
  redirectTargets,
  secretKey,
  unresolvedReferences,
  vaultKeyId,
  webUrl,
  whole,
  word,
} from "./setting-types.ts";

/** The parsed settings: frozen, with units in the names. Times are whole seconds. */
export type Config = Readonly<ReturnType<typeof loadConfig>>;

/** The access tokens' signature algorithms (RFC 7518, section 3.1; RFC 8037). */
export type Algorithm = "RS256" | "ES256" | "EdDSA" | "HS256";

/** One or more settings are wrong. The message names each, its rule and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const day = 24 * 60 * 60;

/** What names the database. */
const databaseShape = {
  ENVIRONMENT: z
    .enum(["development", "staging", "production"], {
      error: "must be development, staging or production",
    })
    .default("development"),
  ...databaseSettings,
  EMBEDDED_DB_FILE: z.string().default(".data/latchkey.db"),
};

/** Every setting that the service knows, by its name in the environment. */
const settings = z.object({
  ...databaseShape,
  SECRET_KEY: secretKey,
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  ALGORITHM: z
    .enum(["RS256", "ES256", "EdDSA", "HS256"], { error: "must be RS256, ES256, EdDSA or HS256" })
    .default("RS256"),
  ISSUER: issuerUrl.optional(),
  AUDIENCE: word.optional(),
  SIGNING_KEY_ROTATION_DAYS: whole(30, 1, 365),
  SIGNING_KEY_VAULT_KEY_ID: vaultKeyId.optional(),
  FIRST_PARTY_CLIENT_ID: word.default("web"),
  ACCESS_TOKEN_EXPIRE_MINUTES: whole(30, 1, 1440),
  REFRESH_TOKEN_EXPIRE_DAYS: whole(7, 1, 365),
  REFRESH_TOKEN_GRACE_SECONDS: whole(10, 0, 60),
  SESSION_ABSOLUTE_DAYS: whole(90, 1, 3650),
  PASSWORD_MIN_LENGTH: whole(15, 8, 64),
  ARGON2_MEMORY_KIB: whole(19456, 8, 1048576),
  ARGON2_ITERATIONS: whole(2, 1, 100),
  ARGON2_PARALLELISM: whole(1, 1, 16),
  FRONTEND_URL: webUrl.optional(),
  ALLOWED_ORIGINS: origins,
  REDIRECT_ALLOWLIST: redirectTargets,
  TRUSTED_PROXY_HOPS: whole(1, 0, 10),
  BODY_LIMIT_KIB: whole(64, 1, 1024),
  API_DOCS: z.enum(["on", "off"], { error: "must be on or off" }).optional(),
  AzureWebJobsStorage: z.string().optional(),
  PORT: whole(7071, 1, 65535),
});

type Settings = z.output<typeof settings>;

/** The names of all settings, as they stand in `local.settings.example.json`. */
export const settingNames = [...Object.keys(settings.shape), ...providerSettingNames];

/** OWASP's equivalents for Argon2id: the least memory (KiB) for a number of iterations, at parallelism 1. */
const owaspMemoryKib: Readonly<Record<number, number>> = {
  1: 47104,
  2: 19456,
  3: 12288,
  4: 9216,
  5: 7168,
};

/** What staging and production refuse, as `[setting, rule]`. */
function productionFaults(raw: Settings): (readonly [string, string])[] {
  const isGuessable =
    /example|change|replace|secret|password/i.test(raw.SECRET_KEY) || new Set(raw.SECRET_KEY).size < 10;
  const leastMemoryKib = owaspMemoryKib[Math.min(raw.ARGON2_ITERATIONS, 5)] ?? 0;
  const plain = (url: string | undefined) => url?.startsWith("http:") ?? false;
  const rules: readonly (readonly [boolean, string, string])[] = [
    [raw.ISSUER === undefined, "ISSUER", "is required in production: the https URL that callers use"],
    [plain(raw.ISSUER), "ISSUER", "must be https in production"],
    [isGuessable, "SECRET_KEY", "must be random in production, not an example"],
    [plain(raw.FRONTEND_URL), "FRONTEND_URL", "must be https in production"],
    [raw.ALLOWED_ORIGINS.some(plain), "ALLOWED_ORIGINS", "must be https origins in production"],
    [raw.REDIRECT_ALLOWLIST.some(plain), "REDIRECT_ALLOWLIST", "must not be plain http in production"],
    [
      raw.ARGON2_MEMORY_KIB < leastMemoryKib,
      "ARGON2_MEMORY_KIB",
      `must be ${leastMemoryKib} or more with that many ARGON2_ITERATIONS`,
    ],
  ];
  return [...rules.filter(([broken]) => broken).map(([, name, rule]) => [name, rule] as const), ...serverFaults(raw)];
}

/** What no environment takes, beyond the rules of single settings. */
function commonFaults(raw: Settings): (readonly [string, string])[] {
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      raw.SIGNING_KEY_VAULT_KEY_ID !== undefined && !/^(?:RS|ES)256$/.test(raw.ALGORITHM),
      "ALGORITHM",
      "must be RS256 or ES256 with SIGNING_KEY_VAULT_KEY_ID",
    ],
    [
      raw.ALLOWED_ORIGINS.includes("*"),
      "ALLOWED_ORIGINS",
      "must name each origin: cookies and a wildcard do not go together",
    ],
    [
      raw.ARGON2_MEMORY_KIB < 8 * raw.ARGON2_PARALLELISM,
      "ARGON2_MEMORY_KIB",
      "must be at least 8 times ARGON2_PARALLELISM",
    ],
  ];
  return [...rules.filter(([broken]) => broken).map(([, name, rule]) => [name, rule] as const), ...databaseFaults(raw)];
}

/**
 * Parses the settings. An empty one counts as absent; unknown ones are not looked at.
 * @throws ConfigError naming every wrong setting and its rule, never a value.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>) {
  if (environment["WEBSITE_INSTANCE_ID"] !== undefined && !environment["ENVIRONMENT"]) {
    throw refusal([["ENVIRONMENT", "is required in Azure: production or staging"]]);
  }
  const unresolved = unresolvedReferences(environment);
  if (unresolved.length > 0) throw refusal(unresolved);
  const raw = parse(settings, environment);
  const isProduction = raw.ENVIRONMENT !== "development";
  const { providers, faults: providerFaults } = readProviders(environment, { isProduction });
  const faults = [...commonFaults(raw), ...(isProduction ? productionFaults(raw) : []), ...providerFaults];
  if (faults.length > 0) throw refusal(faults);
  return assemble(raw, { isInAzure: environment["IDENTITY_ENDPOINT"] !== undefined, providers });
}

/** Reads the settings of this process: the only place that looks at the environment. */
export function loadProcessConfig(): Config {
  return loadConfig(process.env);
}

/** Of the settings of this process those that name the database: whoever migrates it needs no other, and no secret. */
export function loadProcessDatabaseConfig(): Config["database"] {
  const raw = parse(z.object(databaseShape), process.env);
  const faults = [...databaseFaults(raw), ...(raw.ENVIRONMENT === "development" ? [] : serverFaults(raw))];
  if (faults.length > 0) throw refusal(faults);
  return databaseOf(raw, process.env["IDENTITY_ENDPOINT"] !== undefined);
}

function parse<S extends z.ZodObject>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const names = Object.keys(schema.shape);
  const given = Object.fromEntries(
    names.map((name) => [name, environment[name] === "" ? undefined : environment[name]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message] as const));
}

type RawDatabase = z.output<z.ZodObject<typeof databaseShape>>;

/** What staging and production refuse of a database. */
function serverFaults({ DB_SERVER: server }: RawDatabase): (readonly [string, string])[] {
  return server === undefined
    ? [["DB_SERVER", "is required in production: the embedded database is for development"]]
    : [];
}

/** @param isInAzure whether the platform offers managed identities */
function databaseOf(raw: RawDatabase, isInAzure: boolean) {
  return Object.freeze({ embeddedFile: raw.EMBEDDED_DB_FILE, server: serverOf(raw, { isInAzure }) });
}

function refusal(faults: readonly (readonly [string, string])[]): ConfigError {
  const lines = faults.map(([name, rule]) => `${name} ${rule}`);
  return new ConfigError(`Wrong settings: ${[...new Set(lines)].join("; ")}`);
}

interface Surroundings {
  /** Whether the platform offers managed identities. */
  readonly isInAzure: boolean;
  readonly providers: readonly ProviderSettings[];
}

function assemble(raw: Settings, { isInAzure, providers }: Surroundings) {
  const issuer = raw.ISSUER ?? `http://localhost:${raw.PORT}`;
  const isDevelopment = raw.ENVIRONMENT === "development";
  const frontend = raw.FRONTEND_URL === undefined ? [] : [raw.FRONTEND_URL, `${raw.FRONTEND_URL.replace(/\/$/, "")}/`];
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
      idleSeconds: raw.REFRESH_TOKEN_EXPIRE_DAYS * day,
      absoluteSeconds: raw.SESSION_ABSOLUTE_DAYS * day,
      graceSeconds: raw.REFRESH_TOKEN_GRACE_SECONDS,
    }),
    passwords: Object.freeze({
      minLength: raw.PASSWORD_MIN_LENGTH,
      memoryKib: raw.ARGON2_MEMORY_KIB,
      iterations: raw.ARGON2_ITERATIONS,
      parallelism: raw.ARGON2_PARALLELISM,
    }),
    identity: Object.freeze({ clientId: raw.AZURE_CLIENT_ID, isInAzure }),
    database: databaseOf(raw, isInAzure),
    queueConnection: raw.AzureWebJobsStorage,
  });
}
