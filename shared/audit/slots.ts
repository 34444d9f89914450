import { createHmac, createSecretKey } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import type { AuditEvent } from "./audit.ts";

/** The slot of an event: events of one slot are limited together. */
export type SlotOf = (event: AuditEvent, now: Date) => Buffer;

/**
 * Makes the slots of events that anyone can cause: one for each type, account and hour. Without an account the address
 * that was typed takes its place, so that both are limited alike; but all addresses share a million slots, so that
 * guessing addresses fills no database.
 */
export function createSlots(secretKey: string): SlotOf {
  const key = createSecretKey(deriveKey(secretKey, "account event slots v1"));
  return ({ type, accountId, email = "" }, now) => {
    const hour = Math.floor(now.getTime() / 3_600_000);
    const subject = accountId ?? email.trim().toLowerCase();
    const digest = createHmac("sha256", key)
      .update(JSON.stringify([type, hour, subject]))
      .digest()
      .subarray(0, 16);
    if (accountId !== undefined) return digest;
    const shared = Buffer.alloc(16);
    shared.writeUInt32BE(digest.readUInt32BE(0) % nobodysSlots, 12);
    return shared;
  };
}

const nobodysSlots = 2 ** 20;
