import { digestOf, hashOf, noHash, type AuditRecord } from "../../shared/audit/chain/record.ts";
import type { AuditTables } from "../../shared/audit/chain/event-store.ts";
import type { Queries } from "../../shared/platform/database/database.ts";

/** All records of the audit log, by chain and place. */
export async function readRecords(queries: Queries): Promise<AuditRecord[]> {
  const db = queries.withTables<AuditTables>();
  const rows = await db.selectFrom("audit_events").selectAll().orderBy("chain_id").orderBy("seq").execute();
  return rows.map((row) => ({
    chain: row.chain_id,
    seq: row.seq,
    id: row.id,
    type: row.type,
    outcome: row.outcome,
    time: row.created_at.toISOString(),
    actor: row.actor,
    actorId: row.actor_id,
    subject: row.subject_id,
    reason: row.reason,
    details: row.details,
    personal: row.personal,
    salt: row.personal_salt,
    personalDigest: row.personal_digest,
    prev: row.prev_hash,
    hash: row.hash,
  }));
}

/** What does not fit in these records, which are in order: nothing may be missing, changed or moved. */
export function faultsOf(records: readonly AuditRecord[]): string[] {
  return records.flatMap((record, place) => {
    const before = records[place - 1]?.chain === record.chain ? records[place - 1] : undefined;
    const checks = {
      seq: record.seq === (before?.seq ?? 0) + 1,
      prev: record.prev.equals(before?.hash ?? noHash),
      hash: record.hash.equals(hashOf(record)),
      personal: !record.salt || digestOf(record.salt, record.personal ?? "").equals(record.personalDigest),
      time: record.time >= (before?.time ?? ""),
      day: !before || record.time.slice(0, 10) === before.time.slice(0, 10),
    };
    const wrong = Object.entries(checks).filter(([, fits]) => !fits);
    return wrong.map(([what]) => `${record.chain} ${record.seq} ${record.type}: ${what}`);
  });
}
