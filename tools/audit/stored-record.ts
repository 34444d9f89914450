import type { StoredEvent } from "../../shared/audit/administration.ts";
import { readQuotedBytes } from "../../shared/platform/database/quoted-bytes.ts";
import type { ExportedRecord } from "./exported-record.ts";

/** Reads rows of chains, as `storedRecord` does: the hash that a row has of the one before it is not decoded again. */
export function createRecordReader(): (row: StoredEvent) => ExportedRecord {
  let before: { readonly stored: unknown; readonly text: string } | undefined;
  return (row) => {
    const prev = row.prev_hash === before?.stored ? before?.text : undefined;
    const record = storedRecord(row, prev);
    before = { stored: row.hash, text: record.hash };
    return record;
  };
}

/**
 * A row of `audit_events` as an export has it. What is stored as another kind of value than the service stores becomes a
 * text that fits no hash.
 * @param prev the hash of the row before, if that was decoded
 */
export function storedRecord(row: StoredEvent, prev = bytes(row.prev_hash)): ExportedRecord {
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
    salt: bytesOrNull(row.personal_salt),
    personalDigest: bytes(row.personal_digest),
    prev,
    hash: bytes(row.hash),
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : `not a text, but ${kindOf(value)}`);

const textOrNull = (value: unknown): string | null => (value === null ? null : text(value));

const bytesOrNull = (value: unknown): string | null => {
  const bytes = readQuotedBytes(value);
  return bytes === undefined ? notBytes : bytes;
};

const bytes = (value: unknown): string => bytesOrNull(value) ?? notBytes;

const notBytes = "not bytes";

const kindOf = (value: unknown) => (Buffer.isBuffer(value) ? "bytes" : `a ${typeof value}`);
