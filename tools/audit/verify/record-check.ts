import { hash } from "node:crypto";
import { canonicalForm, salted } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";

/** What is wrong with a record by itself; undefined if its content fits its hash. */
export function faultOf(record: ExportedRecord): string | undefined {
  if (hash("sha256", canonicalForm(record), "base64url") !== record.hash) return "its content does not fit its hash";
  const { personal, salt } = record;
  if (personal === null && salt === null) return undefined;
  if (personal === null || salt === null)
    return `its personal part has ${personal === null ? "a salt and no text" : "a text and no salt"}`;
  if (!isSalt.test(salt)) return "its salt is not one that the service draws";
  const digest = hash("sha256", salted(Buffer.from(salt, "base64url"), personal), "base64url");
  return digest === record.personalDigest ? undefined : "its personal part does not fit its digest";
}

/** 16 bytes as base64url, in the one spelling that has no bits left over. */
const isSalt = /^[\w-]{21}[AQgw]$/;

/** Whether what was personal in a record is gone, as after the end of an account: every record is written with it. */
export const isErased = ({ personal, salt }: ExportedRecord): boolean => personal === null && salt === null;
