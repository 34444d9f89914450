import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";
import { isPlain } from "./media-type.ts";
import { DuplicateMember, parseStrictJson } from "./strict-json.ts";

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
  const { headers } = request;
  const bytes = await readBytes(request, limitBytes);
  if (bytes.length === 0) {
    return readNothing(schema, headers.has("content-type") && headers.has("transfer-encoding"));
  }
  if (!isPlain(headers, "application/json")) throw new ApiError("UNSUPPORTED_MEDIA_TYPE");
  return validate(parse(bytes), schema);
}

/** Reads a request's body. @throws ApiError PAYLOAD_TOO_LARGE */
export async function readBytes(request: HttpRequest, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new ApiError("PAYLOAD_TOO_LARGE", { details: { limit_bytes: limitBytes } });
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge();
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limitBytes) throw tooLarge();
  return bytes;
}

/** @param isChunked whether the caller meant to send a body: the host hands on none that comes in chunks */
function readNothing<S extends z.ZodType>(schema: S, isChunked: boolean): z.output<S> {
  const nothing = schema.safeParse(undefined);
  if (nothing.success && !isChunked) return nothing.data;
  throw invalidJson("The body is empty. Send it with a Content-Length, not in chunks");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    // The parser's own words may quote the body.
    throw invalidJson(
      error instanceof DuplicateMember
        ? "An object has a duplicate key"
        : "The body is not a single JSON value in UTF-8",
    );
  }
}

function invalidJson(reason: string): ApiError {
  return new ApiError("INVALID_JSON", { details: { reason } });
}

/** Checks what a request has brought. @throws ApiError VALIDATION_ERROR */
export function validate<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => describeIssue(issue, value)).slice(0, maxFieldsNamed);
  throw new ApiError("VALIDATION_ERROR", { details: { fields } });
}

/** An issue as the caller reads it: which field, which rule; never the value. */
function describeIssue(issue: z.core.$ZodIssue, body: unknown): { field: string; message: string }[] {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ field: showable(key), message: "is not a known field" }));
  }
  if (issue.code !== "invalid_type") return [{ field, message: issue.message }];
  if (field === "") return [{ field: "(body)", message: `must be a JSON ${issue.expected}` }];
  const isMissing = typeof body === "object" && body !== null && !Object.hasOwn(body, field);
  return [{ field, message: isMissing ? "is required" : `must be a ${issue.expected}` }];
}

/** A caller's own field name when it looks like one; what else stands there may be a secret in the wrong place. */
function showable(key: string): string {
  return /^[a-z_][a-z\d_]{0,31}$/.test(key) ? key : "(not shown)";
}
