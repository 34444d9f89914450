import { isIPv6 } from "node:net";
import * as z from "zod";
import { flag, identityId, isChosen, loopbackHosts, whole } from "../setting-types.ts";
import type { SqlServerOptions } from "./sql-server/pool.ts";

/** A name of SQL Server's: a database, a login. */
const sqlName = z
  .string()
  .regex(/^\P{Cc}{1,128}$/u, "must have 1 to 128 characters, none of them a control character")
  .refine((text) => text === text.trim(), "must not begin or end with a space");

const passwordRule = "must have 1 to 128 characters, none of them a control character";

const isServerName = (text: string): boolean =>
  text.length <= 253 && text.split(".").every((part) => /^\w(?:[\w-]{0,61}\w)?$/.test(part));

/** The settings of the database, by their names in the environment. */
export const databaseSettings = {
  DB_SERVER: z
    .string()
    .refine((text) => isServerName(text) || isIPv6(text), "must be a server's name alone: its port is DB_PORT")
    .optional(),
  DB_PORT: whole(1433, 1, 65535),
  DB_DATABASE: sqlName.optional(),
  DB_USERNAME: sqlName.optional(),
  DB_PASSWORD: z
    .string()
    .regex(/^\P{Cc}{1,128}$/u, passwordRule)
    .optional(),
  DB_POOL_MAX: whole(10, 1, 1000),
  DB_ACQUIRE_TIMEOUT_SECONDS: whole(10, 1, 30),
  DB_CONNECT_TIMEOUT_SECONDS: whole(15, 1, 60),
  DB_RETRY_BUDGET_SECONDS: whole(25, 1, 25),
  DB_TRUST_SERVER_CERTIFICATE: flag,
  AZURE_CLIENT_ID: identityId.optional(),
};

type DatabaseSettings = z.output<z.ZodObject<typeof databaseSettings>>;

/** What is missing beside a server's name, as `[setting, rule]`. */
export function databaseFaults(raw: DatabaseSettings): (readonly [string, string])[] {
  if (raw.DB_SERVER === undefined) return [];
  const rules: readonly (readonly [boolean, string, string])[] = [
    [raw.DB_DATABASE === undefined, "DB_DATABASE", "is required with DB_SERVER"],
    [raw.DB_USERNAME !== undefined && raw.DB_PASSWORD === undefined, "DB_PASSWORD", "is required with DB_USERNAME"],
    [raw.DB_PASSWORD !== undefined && raw.DB_USERNAME === undefined, "DB_USERNAME", "is required with DB_PASSWORD"],
  ];
  return rules.filter(([broken]) => broken).map(([, name, rule]) => [name, rule] as const);
}

/** What only a server needs. */
const ofServer = [
  "DB_PORT",
  "DB_DATABASE",
  "DB_USERNAME",
  "DB_PASSWORD",
  "DB_POOL_MAX",
  "DB_ACQUIRE_TIMEOUT_SECONDS",
  "DB_CONNECT_TIMEOUT_SECONDS",
  "DB_RETRY_BUDGET_SECONDS",
  "DB_TRUST_SERVER_CERTIFICATE",
] as const;

/** What is given for a server while none is named, as `[setting, rule]`. */
export function serverless(raw: DatabaseSettings): (readonly [string, string])[] {
  if (raw.DB_SERVER !== undefined) return [];
  return ofServer
    .filter((name) => isChosen(databaseSettings[name], raw[name]))
    .map((name) => [name, "does nothing without DB_SERVER"] as const);
}

/**
 * The SQL Server that the settings name; undefined for the embedded engine.
 * @param platform whether it offers managed identities
 */
export function serverOf(
  raw: DatabaseSettings & { ENVIRONMENT: string },
  { isInAzure }: { isInAzure: boolean },
): SqlServerOptions | undefined {
  if (raw.DB_SERVER === undefined || raw.DB_DATABASE === undefined) return undefined;
  const isTrusted = raw.ENVIRONMENT === "development" && raw.DB_TRUST_SERVER_CERTIFICATE;
  return Object.freeze({
    server: raw.DB_SERVER,
    port: raw.DB_PORT,
    database: raw.DB_DATABASE,
    login: Object.freeze(
      raw.DB_USERNAME !== undefined && raw.DB_PASSWORD !== undefined
        ? { username: raw.DB_USERNAME, password: raw.DB_PASSWORD }
        : { clientId: raw.AZURE_CLIENT_ID, isInAzure },
    ),
    poolMax: raw.DB_POOL_MAX,
    acquireTimeoutSeconds: raw.DB_ACQUIRE_TIMEOUT_SECONDS,
    connectTimeoutSeconds: raw.DB_CONNECT_TIMEOUT_SECONDS,
    retryBudgetSeconds: raw.DB_RETRY_BUDGET_SECONDS,
    verifyCertificate: !isTrusted && !loopbackHosts.has(raw.DB_SERVER),
  });
}
