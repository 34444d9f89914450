import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf, hashOf, noHash, type AuditRecord } from "../../../../shared/audit/chain/record.ts";

const odd = '\u0000\u001f "\\/\u007f\u2028é€😂\ufb33';
const salt = Buffer.alloc(16, 7);
const personal = canonicalJson({ user_agent: odd, address: "192.0.2.1" }) ?? "";
const record: Omit<AuditRecord, "hash"> = {
  chain: "3c1f6a06-7a4e-8d11-9f6e-0198c0a8b001",
  seq: 1,
  id: "3c1f6a06-7a4e-8d11-9f6e-0198c0a8b002",
  type: "sign_in.failed",
  outcome: "failure",
  time: "2026-11-30T12:00:00.000Z",
  actor: "anonymous",
  actorId: null,
  subject: null,
  reason: odd,
  details: canonicalJson({ count: 3, client_id: odd }),
  personal,
  salt,
  personalDigest: digestOf(salt, personal),
  prev: noHash,
};

describe("19.2 the canonical form of a record", () => {
  test("is that of RFC 8785, by another's code", () => {
    const { actor, chain, details, id, outcome, reason, seq, subject, time, type } = record;
    const canonical = canonicalize({
      type,
      time,
      subject,
      seq,
      reason,
      outcome,
      id,
      details,
      chain,
      actor,
      actor_id: record.actorId,
      prev: noHash.toString("base64url"),
      personal_digest: record.personalDigest.toString("base64url"),
    });
    expect(hashOf(record)).toEqual(
      createHash("sha256")
        .update(canonical ?? "")
        .digest(),
    );
    expect(record.details).toBe(canonicalize({ count: 3, client_id: odd }));
  });

  test("has what is personal by its digest alone: it can be erased", () => {
    expect(hashOf({ ...record, personal: null, salt: null })).toEqual(hashOf(record));
    expect(hashOf({ ...record, personalDigest: digestOf(salt, `${personal} `) })).not.toEqual(hashOf(record));
  });

  test.each([
    ["chain", "3c1f6a06-7a4e-8d11-9f6e-0198c0a8b003"],
    ["seq", 2],
    ["id", "3c1f6a06-7a4e-8d11-9f6e-0198c0a8b003"],
    ["type", "sign_in.closed"],
    ["outcome", "success"],
    ["time", "2026-11-30T12:00:00.001Z"],
    ["actor", "person"],
    ["actorId", ""],
    ["subject", ""],
    ["reason", null],
    ["details", null],
    ["prev", Buffer.alloc(32, 1)],
  ])("has %s in its hash", (member, value) => {
    expect(hashOf({ ...record, [member]: value })).not.toEqual(hashOf(record));
  });
});

test("members that are absent leave nothing, and a lone surrogate is replaced", () => {
  expect(canonicalJson({ a: undefined, b: null })).toBeNull();
  expect(canonicalJson({ b: "\ud800", a: 1, c: undefined })).toBe('{"a":1,"b":"\ufffd"}');
});
