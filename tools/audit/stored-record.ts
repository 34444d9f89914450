import type { StoredEvent } from "../../shared/audit/administration.ts";
import type { ExportedRecord } from "./exported-record.ts";

/**
 * A row of `audit_events` as an export has it. What is stored as another kind of value than the service stores becomes a
 * text that fits no hash.
 */
export function storedRecord(row: StoredEvent): ExportedRecord {
  return {
    chain: text(row.chain_id),
    seq: typeof row.seq === "number" ? row.seq : Number.NaN,
    id: text(row.id),
    type: text(row.type),
    outcome: text(row.outcome),
    time: row.time instanceof Date ? row.time.toISOString() : text(row.time),
    actor: text(row.actor),
    actorId: textOrNull(row.actor_id),
    subject: textOrNull(row.subject_id),
    reason: textOrNull(row.reason),
    details: textOrNull(row.details),
    personal: textOrNull(row.personal),
    salt: row.personal_salt === null ? null : bytes(row.personal_salt),
    personalDigest: bytes(row.personal_digest),
    prev: bytes(row.prev_hash),
    hash: bytes(row.hash),
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : `not a text, but ${kindOf(value)}`);

const textOrNull = (value: unknown): string | null => (value === null ? null : text(value));

const bytes = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString("base64url") : `not bytes, but ${kindOf(value)}`;

const kindOf = (value: unknown) => (Buffer.isBuffer(value) ? "bytes" : `a ${typeof value}`);
