import { randomBytes } from "node:crypto";
import { currentRequestId } from "../../platform/log.ts";
import { maskEmail, type AuditedCall, type AuditEvent } from "../audit.ts";
import { eventTypeOf } from "../event-types.ts";
import type { Entry } from "../keeping.ts";
import type { Head } from "./chains.ts";
import { canonicalJson, digestOf, hashOf, type AuditRecord } from "./record.ts";

/** Who an event is about and who acted, by audit ids; null for nobody, or for an account that is erased. */
export interface Parties {
  readonly subject: string | null;
  readonly actorId: string | null;
}

/** An event as the next record of a chain. @param id the event's */
export function compose(
  { now, source }: AuditedCall,
  { id, event, count }: Entry & { readonly id: string },
  { head, parties }: { readonly head: Head; readonly parties: Parties },
): AuditRecord {
  const { outcome, actor } = eventTypeOf(event.type);
  const salt = randomBytes(16);
  // The caller of whom the account is gone must be gone, too.
  const isOfErased = event.accountId !== undefined && parties.subject === null;
  const personal = (isOfErased ? null : personalOf(event, source)) ?? "{}";
  const record = {
    chain: head.chain,
    seq: head.seq + 1,
    id,
    type: event.type,
    outcome,
    time: now.toISOString(),
    actor: event.actor?.kind ?? actor,
    ...parties,
    reason: event.reason?.slice(0, 200).toWellFormed() ?? null,
    details: detailsOf(event, count),
    personal,
    salt,
    personalDigest: digestOf(salt, personal),
    prev: head.hash,
  };
  return { ...record, hash: hashOf(record) };
}

/** Where a chain ends with this record. */
export function headAt({ chain, seq, hash }: AuditRecord, { now: time }: AuditedCall): Head {
  return { chain, seq, hash, time };
}

function detailsOf({ provider, clientId, tokenId, about, before }: AuditEvent, count: number): string | null {
  return canonicalJson({
    provider,
    client_id: clip(clientId, 200),
    jti: tokenId,
    about,
    before,
    count: count > 1 || about !== undefined ? count : undefined,
  });
}

function personalOf(
  { type, accountId, sessionId, email, about }: AuditEvent,
  source: AuditedCall["source"],
): string | null {
  // What the service tells of itself is no caller's.
  if (about !== undefined) return null;
  return canonicalJson({
    // Whose audit id the subject is, under the hash until the account is erased: who changes it in the account's row is found.
    account: type === "account.registered" ? accountId : undefined,
    address: clip(source.address, 64),
    user_agent: clip(source.userAgent, 800),
    request_id: clip(currentRequestId(), 64),
    session: sessionId,
    email: email === undefined ? undefined : clip(maskEmail(email), 600),
  });
}

/** The start of a text that takes at most `most` characters as JSON, where one character may take six. */
function clip(text: string | undefined, most: number): string | undefined {
  if (text === undefined || JSON.stringify(text).length <= most + 2) return text;
  return text.slice(0, Math.floor(most / 6));
}
