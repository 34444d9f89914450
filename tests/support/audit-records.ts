import { randomBytes, randomUUID } from "node:crypto";
import { rowOf, type AuditTables } from "../../shared/audit/chain/event-store.ts";
import { canonicalJson, digestOf, hashOf, noHash, type AuditRecord } from "../../shared/audit/chain/record.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import type { Queries } from "../../shared/platform/database/database.ts";

/** What a test says about a record; the rest is made up, and fits. */
export type GivenRecord = Partial<
  Pick<AuditRecord, "id" | "type" | "outcome" | "actor" | "actorId" | "subject" | "reason" | "details" | "personal">
>;

export interface ChainOptions {
  /** The chain's id; a random one unless given. */
  readonly chain?: string;
  /** The instant of the first record. */
  readonly from: Date;
  /** Seconds from one record to the next; 1 unless given. */
  readonly step?: number;
  /** The record that comes before the first one: the chain goes on after it. */
  readonly after?: AuditRecord | undefined;
}

/** A record that fits after `previous`, which is undefined for the first of a chain. */
export function nextRecord(
  previous: Pick<AuditRecord, "seq" | "hash"> | undefined,
  { chain, now }: { readonly chain: string; readonly now: Date },
  given: GivenRecord = {},
): AuditRecord {
  const salt = randomBytes(16);
  const personal = given.personal ?? canonicalJson({ address: "192.0.2.1", user_agent: "a browser" }) ?? "{}";
  const record = {
    chain,
    seq: (previous?.seq ?? 0) + 1,
    id: randomUUID(),
    type: "sign_in.succeeded",
    outcome: "success",
    time: now.toISOString(),
    actor: "person",
    actorId: null,
    subject: null,
    reason: null,
    details: null,
    ...given,
    personal,
    salt,
    personalDigest: digestOf(salt, personal),
    prev: previous?.hash ?? noHash,
  } as const;
  return { ...record, hash: hashOf(record) };
}

/** A chain, or the part of it that comes `after` a record: a record for each of `given`, or as many as that. */
export function chainOf(
  given: number | readonly GivenRecord[],
  { from, step = 1, after, chain = after?.chain ?? randomUUID() }: ChainOptions,
): AuditRecord[] {
  const all = typeof given === "number" ? Array.from({ length: given }, () => ({})) : given;
  const records: AuditRecord[] = [];
  for (const [place, one] of all.entries())
    records.push(nextRecord(records.at(-1) ?? after, { chain, now: addSeconds(from, place * step) }, one));
  return records;
}

/** Writes records into `audit_events`, as they are: they need not fit. */
export async function keepRecords(queries: Queries, records: readonly AuditRecord[]): Promise<void> {
  const db = queries.withTables<AuditTables>();
  // SQL Server takes 2,100 parameters.
  for (let place = 0; place < records.length; place += 100)
    await db
      .insertInto("audit_events")
      .values(records.slice(place, place + 100).map(rowOf))
      .execute();
}
