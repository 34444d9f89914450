import type { ConnectionConfiguration } from "tedious";
import { currentBudget, type Budget } from "../budget.ts";
import { createAuthentication, type Login } from "./authentication.ts";
import { Link } from "./link.ts";

/** Where the server is, who logs in, and how long things may take. */
export interface SqlServerOptions {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  readonly login: Login;
  readonly poolMax: number;
  readonly acquireTimeoutSeconds: number;
  readonly connectTimeoutSeconds: number;
  readonly retryBudgetSeconds: number;
  /** Whether the server's certificate must be trusted and name the server. */
  readonly verifyCertificate: boolean;
  /** How long one statement may take; 15 seconds unless given. */
  readonly statementTimeoutSeconds?: number;
  /** How long a connection may be idle; 30 seconds unless given: an idle session keeps a serverless database awake. */
  readonly idleTimeoutSeconds?: number;
}

const defaultStatementSeconds = 15;

/** How long one statement may take. */
export function statementMilliseconds(options: SqlServerOptions): number {
  return (options.statementTimeoutSeconds ?? defaultStatementSeconds) * 1000;
}

/** The budget of a call that begins now, or of the one around it. */
export function budgetOf(options: SqlServerOptions): Budget {
  const lastMilliseconds = Math.max(statementMilliseconds(options), defaultStatementSeconds * 1000);
  return currentBudget(options.retryBudgetSeconds * 1000, lastMilliseconds);
}

/** A connection that was in use this recently is taken to be alive. */
const freshMilliseconds = 1000;
const validationMilliseconds = 1500;

/** The connections to SQL Server: none at first, each proved alive before it is handed out. */
export interface LinkPool {
  /** A connection for one user at a time. @throws Error of code EPOOLBUSY or ETIMEOUT after the limit, or why none could be made */
  borrow(limitMilliseconds: number): Promise<Link>;
  giveBack(link: Link): void;
  /** Ends the connections, once they are given back. */
  close(): Promise<void>;
}

/** Loads the driver and makes the pool. Nothing connects yet. */
export async function createPool(options: SqlServerOptions): Promise<LinkPool> {
  // A bundler leaves only the default export of a CommonJS package.
  const [{ default: tedious }, { default: tarn }] = await Promise.all([import("tedious"), import("tarn")]);
  const authentication = createAuthentication(options.login, options.server);
  /** Once a connection has died in silence, those that were idle beside it are not waited for. */
  let suspectBefore = 0;
  const isAlive = async (link: Link): Promise<boolean> => {
    if (!link.isOpen || link.lastUsedAt < suspectBefore) return false;
    if (performance.now() - link.lastUsedAt < freshMilliseconds) return true;
    try {
      await link.run({ sql: "select 1 as one", parameters: [] }, validationMilliseconds);
      return true;
    } catch {
      suspectBefore = performance.now();
      return false;
    }
  };
  const pool = new tarn.Pool<Link>({
    create: async () => Link.open(tedious, { ...configurationOf(options), authentication: await authentication() }),
    // tarn takes a promise here, although its types do not say so.
    validate: isAlive as unknown as (link: Link) => boolean,
    destroy: (link) => link.close(),
    min: 0,
    max: options.poolMax,
    // Longer than any login: tarn begins to close what is idle at an acquisition, and a login that ends after everybody
    // has given up is acquired and given back.
    acquireTimeoutMillis: (options.connectTimeoutSeconds + options.acquireTimeoutSeconds + 2) * 1000,
    createTimeoutMillis: (options.connectTimeoutSeconds + 1) * 1000,
    idleTimeoutMillis: (options.idleTimeoutSeconds ?? 30) * 1000,
    reapIntervalMillis: 1000,
    propagateCreateError: true,
  });
  return {
    borrow(limitMilliseconds) {
      const milliseconds = Math.min(limitMilliseconds, options.acquireTimeoutSeconds * 1000);
      const end = () => timedOut(pool.numUsed() < options.poolMax ? "ETIMEOUT" : "EPOOLBUSY");
      return within({ milliseconds, end }, pool.acquire().promise, (late) => pool.release(late));
    },
    giveBack: (link) => void pool.release(link),
    close: async () => void (await pool.destroy()),
  };
}

function timedOut(code: "ETIMEOUT" | "EPOOLBUSY"): Error {
  return Object.assign(new Error("no connection in time"), { code });
}

/** What `work` gives, unless the time ends first; what it gives after that goes to `late`. */
async function within<T>(
  limit: { milliseconds: number; end: () => Error },
  work: Promise<T>,
  late: (value: T) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isOver = true;
      reject(limit.end());
    }, limit.milliseconds);
  });
  work.then(
    (value) => isOver && late(value),
    () => undefined,
  );
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

function configurationOf(options: SqlServerOptions): Omit<ConnectionConfiguration, "authentication"> {
  return {
    server: options.server,
    options: {
      port: options.port,
      database: options.database,
      appName: "latchkey",
      // Nothing goes in clear, not even a first packet that would offer to.
      encrypt: true,
      trustServerCertificate: !options.verifyCertificate,
      connectTimeout: options.connectTimeoutSeconds * 1000,
      // The service has limits and retries of its own.
      requestTimeout: 0,
      maxRetriesOnTransientErrors: 0,
      lowerCaseGuids: true,
      useUTC: true,
    },
  };
}
