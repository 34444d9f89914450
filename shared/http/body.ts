import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { ApiError } from "../platform/errors.ts";
import { parseStrictJson } from "./strict-json.ts";

const jsonType = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** An answer names so many faults at most: it must not be many times as long as the request. */
const maxFieldsNamed = 20;

/**
 * Reads a request's JSON body and checks it against `schema`. No body at all is `undefined` to the schema.
 * @throws ApiError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_JSON or VALIDATION_ERROR
 */
export async function readBody<S extends z.ZodType>(
  request: HttpRequest,
  schema: S,
  limitBytes: number,
): Promise<z.output<S>> {
  const tooLarge = () => new ApiError("PAYLOAD_TOO_LARGE", { details: { limit_bytes: limitBytes } });
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge();
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limitBytes) throw tooLarge();
  if (bytes.length === 0) return readNothing(schema);
  if (!jsonType.test(request.headers.get("content-type") ?? "")) throw new ApiError("UNSUPPORTED_MEDIA_TYPE");
  return validate(parse(bytes), schema);
}

function readNothing<S extends z.ZodType>(schema: S): z.output<S> {
  const nothing = schema.safeParse(undefined);
  if (nothing.success) return nothing.data;
  const reason = "The body is empty; it must come with a Content-Length, not in chunks";
  throw new ApiError("INVALID_JSON", { details: { reason } });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch {
    // The parser's own words may quote the body.
    throw new ApiError("INVALID_JSON");
  }
}

function validate<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap(describeIssue).slice(0, maxFieldsNamed);
  throw new ApiError("VALIDATION_ERROR", { details: { fields } });
}

/** An issue as the caller reads it: which field, which rule; never the value. */
function describeIssue(issue: z.core.$ZodIssue): { field: string; message: string }[] {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ field: showable(key), message: "is not a known field" }));
  if (issue.code === "invalid_type")
    return [
      {
        field,
        message: field === "" ? `must be a JSON ${issue.expected}` : `must be a ${issue.expected}`,
      },
    ];
  return [{ field, message: issue.message }];
}

/** A caller's own field name when it looks like one; what else stands there may be a secret in the wrong place. */
function showable(key: string): string {
  return /^[a-z_][a-z\d_]{0,31}$/.test(key) ? key : "(not shown)";
}
