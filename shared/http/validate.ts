import type * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";

/** Checks a request's data against a schema. @throws ApiError VALIDATION_ERROR */
export function validate<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => describeIssue(issue, value)).slice(0, maxFieldsNamed);
  throw new ApiError("VALIDATION_ERROR", { details: { fields } });
}

/** How many faults are named at most, so that an answer is not many times as long as its request. */
const maxFieldsNamed = 20;

/** An issue as the caller sees it: the field and its rule, never the value. */
function describeIssue(issue: z.core.$ZodIssue, body: unknown): { field: string; message: string }[] {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ field: showable(key), message: "is not a known field" }));
  }
  if (issue.code !== "invalid_type") return [{ field, message: issue.message }];
  if (field === "") return [{ field: "(body)", message: `must be a JSON ${issue.expected}` }];
  const kind = /^[aeio]/.test(issue.expected) ? `an ${issue.expected}` : `a ${issue.expected}`;
  return [{ field, message: isMissing(issue.path, body) ? "is required" : `must be ${kind}` }];
}

/** Whether the object that should have a member is there, and has none of this name. */
function isMissing(path: readonly PropertyKey[], body: unknown): boolean {
  let owner = body;
  for (const name of path.slice(0, -1)) owner = (owner as Readonly<Record<PropertyKey, unknown>> | null)?.[name];
  return typeof owner === "object" && owner !== null && !Object.hasOwn(owner, path.at(-1) ?? "");
}

/** A caller's field name if it looks like one; anything else may be a secret in the wrong place. */
function showable(key: string): string {
  return /^[a-z_][a-z\d_]{0,31}$/.test(key) ? key : "(not shown)";
}
