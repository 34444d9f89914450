import { hash } from "node:crypto";
import { canonicalForm, digestOf } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";

/** What is wrong with a record by itself; undefined if its content fits its hash. */
export function faultOf(record: ExportedRecord): string | undefined {
  if (hash("sha256", canonicalForm(record), "base64url") !== record.hash) return "its content does not fit its hash";
  const { personal, salt } = record;
  if (salt === null)
    return personal === null ? undefined : "its personal part has no salt, so nothing tells whether it was written";
  const bytes = Buffer.from(salt, "base64url");
  const isExact = bytes.length === 16 && bytes.toString("base64url") === salt;
  if (!isExact) return "its salt is not one that the service draws";
  if (digestOf(bytes, personal ?? "").toString("base64url") !== record.personalDigest)
    return personal === null ? "its personal part is missing" : "its personal part does not fit its digest";
  return undefined;
}

/** Whether a record had a personal part that is gone, as after the end of an account. */
export function isErased({ personal, salt, personalDigest }: ExportedRecord): boolean {
  return personal === null && salt === null && personalDigest !== digestOfNothing;
}

/** The digest of a record that never had anything personal. */
const digestOfNothing = digestOf(Buffer.alloc(0), "").toString("base64url");
