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

/** The connections to SQL Server: none at first, each checked before it is lent. */
export interface LinkPool {
  /**
   * A connection for one user at a time. @throws Error with code EPOOLBUSY or ETIMEOUT after the limit, or the reason
   * why connecting failed
   */
  borrow(limitMilliseconds: number): Promise<Link>;
  giveBack(link: Link): void;
  /** Closes the connections once they are given back. */
  close(): Promise<void>;
}

/** Loads the driver and creates the pool, without connecting yet. */
export async function createPool(options: SqlServerOptions): Promise<LinkPool> {
  // A bundler keeps only the default export of a CommonJS package.
  const [{ default: tedious }, { default: tarn }] = await Promise.all([import("tedious"), import("tarn")]);
  const authentication = createAuthentication(options.login, options.server);
  /** After one connection died silently, others that were idle at the time are not trusted. */
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
    // tarn accepts a promise here, although its types do not say so.
    validate: isAlive as unknown as (link: Link) => boolean,
    destroy: (link) => link.close(),
    min: 0,
    max: options.poolMax,
    // Longer than any login: tarn starts to close idle connections at an acquisition, and a login that finishes after
    // everyone gave up is acquired and given back.
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

const defaultStatementSeconds = 15;

/** How long one statement may take. */
export function statementMilliseconds(options: SqlServerOptions): number {
  return (options.statementTimeoutSeconds ?? defaultStatementSeconds) * 1000;
}

/** The budget of a call that starts now, or the surrounding one. */
export function budgetOf(options: SqlServerOptions): Budget {
  const lastMilliseconds = Math.max(statementMilliseconds(options), defaultStatementSeconds * 1000);
  return currentBudget(options.retryBudgetSeconds * 1000, lastMilliseconds);
}

/** A connection used this recently is assumed to be alive. */
const freshMilliseconds = 1000;
const validationMilliseconds = 1500;

function timedOut(code: "ETIMEOUT" | "EPOOLBUSY"): Error {
  return Object.assign(new Error("no connection in time"), { code });
}

/** The result of `work`, unless the time ends first; a later result goes to `late`. */
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
      // Nothing is sent unencrypted, not even a first packet that would allow it.
      encrypt: true,
      trustServerCertificate: !options.verifyCertificate,
      connectTimeout: options.connectTimeoutSeconds * 1000,
      // The service has its own limits and retries.
      requestTimeout: 0,
      maxRetriesOnTransientErrors: 0,
      lowerCaseGuids: true,
      useUTC: true,
    },
  };
}
