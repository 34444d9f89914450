import { randomUUID } from "node:crypto";
import type { KyselyPlugin, UnknownRow } from "kysely";
import type { Queries } from "../platform/database/database.ts";

/** By which ids the audit log names accounts: what it knows of a person ends with the account's row. */
export interface Subjects {
  /**
   * The audit id of an account; undefined once the account is erased. An event that no audit id was found for is about
   * nobody, and must keep nothing of its caller.
   * @param queries of the transaction, if there is one
   */
  readonly auditIdOf: (queries: Queries, accountId: string) => Promise<string | undefined>;
  /** Forgets an account, once it is erased. */
  forget(accountId: string): void;
  /**
   * The same queries, but each row of an account that they read gives its `audit_id` to this cache and loses it: events
   * then need no query of their own, and nothing behind the stores can show the id.
   */
  watching(queries: Queries): Queries;
}

/**
 * Reads the audit id of an account, or gives it the candidate if it has none yet.
 * @returns undefined if the account is gone
 */
export type GiveAuditId = (
  queries: Queries,
  account: { readonly accountId: string; readonly candidate: string },
) => Promise<string | undefined>;

export interface SubjectsOptions {
  /** The most accounts that are remembered. */
  readonly size?: number;
  /** For how long: calls take seconds, and other instances erase accounts. */
  readonly milliseconds?: number;
}

/** The audit ids that this process knows. */
export function createSubjects(
  give: GiveAuditId,
  { size = 10_000, milliseconds = 60_000 }: SubjectsOptions = {},
): Subjects {
  const known = createMemory<string>(size);
  /** Accounts that a transaction of this process has given an audit id, which may be undone. */
  const uncertain = createMemory<true>(size);
  const learn = (accountId: string, auditId: string) => known.set(accountId, auditId, performance.now() + milliseconds);
  /** A transaction reads what it has written itself; anyone else reads only what was committed. */
  const learnFrom =
    ({ isTransaction }: Queries) =>
    (accountId: string, auditId: string) => {
      if (!isTransaction || !uncertain.get(accountId)) learn(accountId, auditId);
    };
  return {
    async auditIdOf(queries, accountId) {
      const cached = known.get(accountId);
      if (cached !== undefined) return cached;
      const candidate = randomUUID();
      const auditId = await give(queries, { accountId, candidate });
      if (auditId === candidate) uncertain.set(accountId, true, performance.now() + callMilliseconds);
      if (auditId !== undefined) learnFrom(queries)(accountId, auditId);
      return auditId;
    },
    forget: (accountId) => known.delete(accountId),
    watching: (queries) => queries.withPlugin(createPlugin(learnFrom(queries))),
  };
}

/** Longer than any transaction. */
const callMilliseconds = 15 * 60_000;

/** Remembers something of up to `size` accounts, each until an instant of the process. */
function createMemory<T>(size: number) {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(accountId: string): T | undefined {
      const entry = entries.get(accountId);
      if (entry && performance.now() < entry.until) return entry.value;
      entries.delete(accountId);
      return undefined;
    },
    set(accountId: string, value: T, until: number): void {
      entries.delete(accountId);
      if (entries.size >= size) entries.delete(entries.keys().next().value ?? "");
      entries.set(accountId, { value, until });
    },
    delete: (accountId: string): void => void entries.delete(accountId),
  };
}

function createPlugin(learn: (accountId: string, auditId: string) => void): KyselyPlugin {
  const withoutAuditId = ({ audit_id: auditId, ...row }: UnknownRow): UnknownRow => {
    if (typeof auditId === "string" && typeof row["id"] === "string") learn(row["id"], auditId);
    return row;
  };
  return {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const isWatched = result.rows[0] !== undefined && "audit_id" in result.rows[0];
      return isWatched ? { ...result, rows: result.rows.map(withoutAuditId) } : result;
    },
  };
}
