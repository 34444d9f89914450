import type { Kysely } from "kysely";
import type { Queries } from "../../platform/database/database.ts";
import { prepared, type ParameterOf } from "../../platform/database/prepared.ts";
import type { ActorKind, AuditEventType, Outcome } from "../event-types.ts";
import type { AuditRecord } from "./record.ts";

/** A row of `audit_events`: an `AuditRecord`. */
export interface AuditEventsTable {
  chain_id: string;
  seq: number;
  id: string;
  type: AuditEventType;
  outcome: Outcome;
  actor: ActorKind;
  actor_id: string | null;
  subject_id: string | null;
  reason: string | null;
  details: string | null;
  personal: string | null;
  personal_salt: Buffer | null;
  personal_digest: Buffer;
  created_at: Date;
  prev_hash: Buffer;
  hash: Buffer;
}

export type AuditTables = { audit_events: AuditEventsTable };

/**
 * Adds a record, an id once only. Travels with the next statement or the commit: call it in a transaction. If the id is
 * there, nothing is added: a record whose event may be there already must be alone in its chain.
 */
export async function addRecord(queries: Queries, record: AuditRecord): Promise<void> {
  await add.later(queries.withTables<AuditTables>(), rowOf(record));
}

type Row = Readonly<AuditEventsTable>;

/** A record as a row. */
export function rowOf(record: AuditRecord): Row {
  return {
    chain_id: record.chain,
    seq: record.seq,
    id: record.id,
    type: record.type,
    outcome: record.outcome,
    actor: record.actor,
    actor_id: record.actorId,
    subject_id: record.subject,
    reason: record.reason,
    details: record.details,
    personal: record.personal,
    personal_salt: record.salt,
    personal_digest: record.personalDigest,
    created_at: new Date(record.time),
    prev_hash: record.prev,
    hash: record.hash,
  };
}

/** What a row has besides its instant, which readers may want as it is stored. */
export const recordColumns = [
  "chain_id",
  "seq",
  "id",
  "type",
  "outcome",
  "actor",
  "actor_id",
  "subject_id",
  "reason",
  "details",
  "personal",
  "personal_salt",
  "personal_digest",
  "prev_hash",
  "hash",
] as const satisfies readonly (keyof Row)[];

const columns = [...recordColumns, "created_at"] as const;

const add = prepared((db: Kysely<AuditTables>, param: ParameterOf<Row & Record<string, unknown>>) =>
  db
    .insertInto("audit_events")
    .columns(columns)
    .expression(
      db
        .selectNoFrom((row) => columns.map((name) => row.val(param(name)).as(name)))
        .where((row) => row.not(row.exists(db.selectFrom("audit_events").select("id").where("id", "=", param("id"))))),
    ),
);
