import { createHmac, randomBytes } from "node:crypto";
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
  /** Remembers the audit id of an account, for the events of this call. */
  learn(accountId: string, auditId: string): void;
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
  const known = new Map<string, { readonly auditId: string; readonly until: number }>();
  const candidateFor = createCandidates();
  const learn = (accountId: string, auditId: string) => {
    known.delete(accountId);
    if (known.size >= size) known.delete(known.keys().next().value ?? "");
    known.set(accountId, { auditId, until: performance.now() + milliseconds });
  };
  const plugin = createPlugin(learn);
  return {
    async auditIdOf(queries, accountId) {
      const cached = known.get(accountId);
      if (cached && performance.now() < cached.until) return cached.auditId;
      known.delete(accountId);
      const auditId = await give(queries, { accountId, candidate: candidateFor(accountId) });
      if (auditId !== undefined) learn(accountId, auditId);
      return auditId;
    },
    learn,
    forget: (accountId) => void known.delete(accountId),
    watching: (queries) => queries.withPlugin(plugin),
  };
}

/**
 * What this process gives to accounts of an older release: always the same, so that an id that was remembered is right
 * also if the transaction that gave it is undone. Without the key, which no other process ever has, it is random.
 */
function createCandidates(): (accountId: string) => string {
  const key = randomBytes(32);
  return (accountId) => {
    const bytes = createHmac("sha256", key).update(accountId).digest().subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
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
