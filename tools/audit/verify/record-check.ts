import { hash } from "node:crypto";
import { canonicalForm, digestOf } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";

/** What is wrong with a record by itself; undefined if its content fits its hash. */
export function faultOf(record: ExportedRecord): string | undefined {
  if (hash("sha256", canonicalForm(record), "base64url") !== record.hash) return "its content does not fit its hash";
  const { personal, salt } = record;
  if (personal === null && salt === null) return undefined;
  if (personal === null || salt === null) return "a part of what is personal is missing, and a part is there";
  const bytes = Buffer.from(salt, "base64url");
  if (bytes.length !== saltBytes || bytes.toString("base64url") !== salt)
    return "its salt is not one that the service draws";
  const digest = digestOf(bytes, personal).toString("base64url");
  return digest === record.personalDigest ? undefined : "its personal part does not fit its digest";
}

const saltBytes = 16;

/** Whether what was personal in a record is gone, as after the end of an account: every record is written with it. */
export const isErased = ({ personal, salt }: ExportedRecord): boolean => personal === null && salt === null;
