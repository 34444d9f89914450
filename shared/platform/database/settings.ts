import { isIPv6 } from "node:net";
import * as z from "zod";
import type { Runtime } from "../runtime/settings.ts";
import { section, type IsChosen, type SettingRule, type Values } from "../settings/section.ts";
import { filePath, flag, loopbackHosts, whole } from "../settings/types.ts";
import type { SqlServerOptions } from "./sql-server/pool.ts";

/** A name in SQL Server: a database, a login. */
const sqlName = z
  .string()
  .regex(/^\P{Cc}{1,128}$/u, "must have 1 to 128 characters and no control characters")
  .refine((text) => text === text.trim(), "must not begin or end with a space");

const isServerName = (text: string): boolean =>
  text.length <= 253 && text.split(".").every((part) => /^\w(?:[\w-]{0,61}\w)?$/.test(part));

const serverName = z
  .string()
  .refine((text) => isServerName(text) || isIPv6(text), "must be only a server's name: the port goes into DB_PORT");

const sqlPassword = z.string().regex(/^\P{Cc}{1,128}$/u, "must have 1 to 128 characters and no control characters");

const settings = {
  server: {
    name: "DB_SERVER",
    type: serverName,
    required: { when: "in production", hint: "the embedded database is for development" },
    about: "The name of the Azure SQL or SQL Server that holds the data. Without one, the embedded database does.",
  },
  port: { name: "DB_PORT", type: whole(1, 65535), default: "1433", about: "The port of `DB_SERVER`." },
  name: {
    name: "DB_DATABASE",
    type: sqlName,
    required: { when: "with DB_SERVER" },
    about: "The database on `DB_SERVER`.",
  },
  username: {
    name: "DB_USERNAME",
    type: sqlName,
    about:
      "A SQL login, given with `DB_PASSWORD` or not at all. Without one, the service signs in with its managed identity, on a laptop with your own Azure sign-in.",
  },
  password: { name: "DB_PASSWORD", type: sqlPassword, isSecret: true, about: "The password of `DB_USERNAME`." },
  poolMax: {
    name: "DB_POOL_MAX",
    type: whole(1, 1000),
    default: "10",
    unit: "connections",
    about: "How many connections an instance opens at most. Idle ones close after 30 seconds.",
  },
  acquireTimeoutSeconds: {
    name: "DB_ACQUIRE_TIMEOUT_SECONDS",
    type: whole(1, 30),
    default: "10",
    unit: "seconds",
    about: "The longest wait for a free connection.",
  },
  connectTimeoutSeconds: {
    name: "DB_CONNECT_TIMEOUT_SECONDS",
    type: whole(1, 60),
    default: "15",
    unit: "seconds",
    about: "How long opening a connection may take.",
  },
  retryBudgetSeconds: {
    name: "DB_RETRY_BUDGET_SECONDS",
    type: whole(1, 25),
    default: "25",
    unit: "seconds",
    about: "How long transient faults are retried before the caller gets 503.",
  },
  trustsCertificate: {
    name: "DB_TRUST_SERVER_CERTIFICATE",
    type: flag,
    default: "false",
    about: "`true` accepts any certificate, in development only. On loopback none is checked anyway.",
  },
  embeddedFile: {
    name: "EMBEDDED_DB_FILE",
    type: filePath,
    default: ".data/latchkey.db",
    about: "The file of the embedded database (SQLite), which is used without `DB_SERVER`.",
  },
} as const;

/** Where the data is. */
export const databaseSettings = section({
  title: "Database",
  about: "`DB_…` does nothing without `DB_SERVER`.",
  settings,
  rules: ({ server, username, password }) => [
    [
      server !== undefined && username !== undefined && password === undefined,
      "DB_PASSWORD",
      "is required with DB_USERNAME",
    ],
    [
      server !== undefined && password !== undefined && username === undefined,
      "DB_USERNAME",
      "is required with DB_PASSWORD",
    ],
  ],
  productionRules: ({ server, trustsCertificate }, isChosen) => [
    [
      trustsCertificate,
      "DB_TRUST_SERVER_CERTIFICATE",
      "must be false in production, where the certificate is always checked",
    ],
    ...serverless(server, isChosen),
  ],
  idleRules: ({ server }, isChosen) => [
    [server !== undefined && isChosen("embeddedFile"), "EMBEDDED_DB_FILE", "does nothing with DB_SERVER"],
    ...serverless(server, isChosen),
  ],
  complete: ({ server, name, embeddedFile, ...values }, { runtime }: { readonly runtime: Runtime }) => ({
    embeddedFile,
    /** The SQL Server in the settings; undefined for the embedded engine. */
    server:
      server === undefined || name === undefined ? undefined : serverOf({ ...values, server, database: name }, runtime),
  }),
});

/** Settings of a server that are given although no server is named. */
function serverless(server: string | undefined, isChosen: IsChosen<typeof settings>): SettingRule[] {
  const { server: _server, embeddedFile: _file, ...ofServer } = settings;
  const keys = server === undefined ? (Object.keys(ofServer) as (keyof typeof ofServer)[]) : [];
  return keys.map((key) => [isChosen(key), settings[key].name, "does nothing without DB_SERVER"]);
}

type ServerValues = Omit<Values<typeof settings>, "server" | "name" | "embeddedFile"> & {
  readonly server: string;
  readonly database: string;
};

function serverOf(
  { username, password, trustsCertificate, ...values }: ServerValues,
  { isDevelopment, identity }: Runtime,
): SqlServerOptions {
  return Object.freeze({
    ...values,
    login: Object.freeze(username !== undefined && password !== undefined ? { username, password } : identity),
    verifyCertificate: !(isDevelopment && trustsCertificate) && !loopbackHosts.has(values.server),
  });
}
