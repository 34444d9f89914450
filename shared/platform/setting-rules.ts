import { databaseFaults, serverless } from "./database/settings.ts";
import { admitsNothing, isWebViewOnHttp } from "./origins.ts";
import { isChosen } from "./setting-types.ts";
import { databaseShape, settings, type DatabaseSettings, type Settings } from "./settings.ts";

/** What is wrong with a setting: its name, and the rule that it breaks; never its value. */
export type SettingFault = readonly [setting: string, rule: string];

/** OWASP's equivalents for Argon2id: the least memory (KiB) for a number of iterations, at parallelism 1. */
const owaspMemoryKib: Readonly<Record<number, number>> = {
  1: 47104,
  2: 19456,
  3: 12288,
  4: 9216,
  5: 7168,
};

/** What staging and production refuse, as `[setting, rule]`. */
export function productionFaults(raw: Settings): SettingFault[] {
  const isGuessable =
    /example|change|replace|secret|password/i.test(raw.SECRET_KEY) || new Set(raw.SECRET_KEY).size < 10;
  const leastMemoryKib = owaspMemoryKib[Math.min(raw.ARGON2_ITERATIONS, 5)] ?? 0;
  const plain = (url: string | undefined) => url?.startsWith("http:") ?? false;
  const rules: readonly (readonly [boolean, string, string])[] = [
    [raw.ISSUER === undefined, "ISSUER", "is required in production: the https URL that callers use"],
    [plain(raw.ISSUER), "ISSUER", "must be https in production"],
    [isGuessable, "SECRET_KEY", "must be random in production, not an example"],
    [plain(raw.FRONTEND_URL), "FRONTEND_URL", "must be https in production"],
    [
      raw.ALLOWED_ORIGINS.some((origin) => plain(origin) && !isWebViewOnHttp(origin)),
      "ALLOWED_ORIGINS",
      "must be https origins in production, but for a WebView's http://localhost and http://NAME.localhost",
    ],
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
export function commonFaults(raw: Settings): SettingFault[] {
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      raw.SIGNING_KEY_VAULT_KEY_ID !== undefined && !/^(?:RS|ES)256$/.test(raw.ALGORITHM),
      "ALGORITHM",
      "must be RS256 or ES256 with SIGNING_KEY_VAULT_KEY_ID",
    ],
    [
      raw.REDIRECT_ALLOWLIST.some(admitsNothing),
      "REDIRECT_ALLOWLIST",
      "has an entry that admits nothing: one over 512 characters, of no possible host, or of a folder with // or an encoded dot or slash in it",
    ],
    [
      // One entry to the parser, whose path goes on with the second.
      raw.REDIRECT_ALLOWLIST.some((entry) => /;[a-z][a-z\d+.-]*:\//i.test(entry)),
      "REDIRECT_ALLOWLIST",
      "must have its entries separated by commas",
    ],
    [
      raw.FRONTEND_URL !== undefined && admitsNothing(`${raw.FRONTEND_URL.replace(/\/$/, "")}/`),
      "FRONTEND_URL",
      "must have 511 characters at most, and no // and no encoded dot or slash in its path",
    ],
    [
      // Where one is given alone, the other's default gives way.
      (raw.SESSION_ABSOLUTE_DAYS ?? Infinity) < (raw.REFRESH_TOKEN_EXPIRE_DAYS ?? 0),
      "SESSION_ABSOLUTE_DAYS",
      "must be REFRESH_TOKEN_EXPIRE_DAYS or more: no session would live to its idle limit",
    ],
    [
      raw.ARGON2_MEMORY_KIB < 8 * raw.ARGON2_PARALLELISM,
      "ARGON2_MEMORY_KIB",
      "must be at least 8 times ARGON2_PARALLELISM",
    ],
  ];
  return [...rules.filter(([broken]) => broken).map(([, name, rule]) => [name, rule] as const), ...databaseFaults(raw)];
}

/** What staging and production refuse of a database. */
export function serverFaults(raw: DatabaseSettings): SettingFault[] {
  const { DB_SERVER: server, DB_TRUST_SERVER_CERTIFICATE: isTrusted } = raw;
  const rules: readonly (readonly [boolean, ...SettingFault])[] = [
    [server === undefined, "DB_SERVER", "is required in production: the embedded database is for development"],
    [isTrusted, "DB_TRUST_SERVER_CERTIFICATE", "must be false in production, where the certificate is always checked"],
  ];
  return [...rules.filter(([broken]) => broken).map(([, name, rule]) => [name, rule] as const), ...serverless(raw)];
}

/** What does nothing beside another setting and contradicts none: told at the start, as `[setting, rule]`. */
export function idleSettings(raw: Settings): SettingFault[] {
  const isPinned = /\/[\da-f]{32}$/.test(raw.SIGNING_KEY_VAULT_KEY_ID ?? "");
  const isRotationIdle = raw.ALGORITHM === "HS256" || isPinned;
  const name = "SIGNING_KEY_ROTATION_DAYS";
  return isRotationIdle && isChosen(settings.shape[name], raw[name])
    ? [[name, "does nothing with ALGORITHM=HS256 or one version of a key in the vault"], ...idleDatabaseSettings(raw)]
    : idleDatabaseSettings(raw);
}

/** The same of those that name the database. */
export function idleDatabaseSettings(raw: DatabaseSettings): SettingFault[] {
  const isFileIdle = raw.DB_SERVER !== undefined && isChosen(databaseShape.EMBEDDED_DB_FILE, raw.EMBEDDED_DB_FILE);
  return [
    ...(isFileIdle ? [["EMBEDDED_DB_FILE", "does nothing with DB_SERVER"] as const] : []),
    ...(raw.ENVIRONMENT === "development" ? serverless(raw) : []),
  ];
}
