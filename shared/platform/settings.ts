import * as z from "zod";
import { databaseSettings } from "./database/settings.ts";
import {
  appUrl,
  audience,
  filePath,
  issuerUrl,
  origins,
  publicClientId,
  redirectTargets,
  secretKey,
  storageConnection,
  vaultKeyId,
  whole,
  wholeFrom,
} from "./setting-types.ts";

/** What names the database. */
export const databaseShape = {
  ENVIRONMENT: z
    .enum(["development", "staging", "production"], {
      error: "must be development, staging or production",
    })
    .default("development"),
  ...databaseSettings,
  EMBEDDED_DB_FILE: filePath.default(".data/latchkey.db"),
};

/** Every setting that the service knows, by its name in the environment. */
export const settings = z.object({
  ...databaseShape,
  SECRET_KEY: secretKey,
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  ALGORITHM: z
    .enum(["RS256", "ES256", "EdDSA", "HS256"], { error: "must be RS256, ES256, EdDSA or HS256" })
    .default("RS256"),
  ISSUER: issuerUrl.optional(),
  AUDIENCE: audience.optional(),
  SIGNING_KEY_ROTATION_DAYS: whole(30, 1, 365),
  SIGNING_KEY_VAULT_KEY_ID: vaultKeyId.optional(),
  FIRST_PARTY_CLIENT_ID: publicClientId.default("web"),
  ACCESS_TOKEN_EXPIRE_MINUTES: whole(30, 1, 1440),
  REFRESH_TOKEN_EXPIRE_DAYS: wholeFrom(1, 365).optional(),
  REFRESH_TOKEN_GRACE_SECONDS: whole(10, 0, 60),
  SESSION_ABSOLUTE_DAYS: wholeFrom(1, 3650).optional(),
  SESSIONS_PER_ACCOUNT: whole(50, 1, 1000),
  SENSITIVE_MAX_AGE_MINUTES: whole(5, 1, 60),
  PASSWORD_MIN_LENGTH: whole(15, 8, 64),
  ARGON2_MEMORY_KIB: whole(19456, 8, 1048576),
  ARGON2_ITERATIONS: whole(2, 1, 100),
  ARGON2_PARALLELISM: whole(1, 1, 16),
  FRONTEND_URL: appUrl.optional(),
  ALLOWED_ORIGINS: origins,
  REDIRECT_ALLOWLIST: redirectTargets,
  TRUSTED_PROXY_HOPS: whole(1, 0, 10),
  BODY_LIMIT_KIB: whole(64, 1, 256),
  API_DOCS: z.enum(["on", "off"], { error: "must be on or off" }).optional(),
  AzureWebJobsStorage: storageConnection.optional(),
  PORT: whole(7071, 1, 65535),
});

export type Settings = z.output<typeof settings>;

/** What names the database, as it is read. */
export type DatabaseSettings = z.output<z.ZodObject<typeof databaseShape>>;
