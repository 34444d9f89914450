import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";
import { readBytes } from "./body.ts";
import { isPlain } from "./media-type.ts";

/**
 * Reads the parameters of an OAuth request (RFC 6749, sections 3.2 and appendix B): unknown ones are left out, one without a
 * value counts as absent, none may come twice.
 * @throws ApiError PAYLOAD_TOO_LARGE or INVALID_REQUEST
 */
export async function readForm<S extends z.ZodType>(
  request: HttpRequest,
  schema: S,
  limitBytes: number,
): Promise<z.output<S>> {
  const bytes = await readBytes(request, limitBytes);
  const { headers } = request;
  if (bytes.length === 0 && headers.has("transfer-encoding"))
    throw invalidRequest("Send the body with a Content-Length, not in chunks");
  if (!isPlain(headers, "application/x-www-form-urlencoded")) {
    throw invalidRequest("The body must be application/x-www-form-urlencoded in UTF-8, without Content-Encoding");
  }
  const parsed = schema.safeParse(parse(bytes));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidRequest(`${issue?.path.join(".")} is required`);
}

function parse(bytes: Uint8Array): Record<string, string> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidRequest("The body is not valid UTF-8");
  }
  const seen = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) throw invalidRequest("A parameter is repeated");
    seen.set(name, value);
  }
  return Object.fromEntries([...seen].filter(([, value]) => value !== ""));
}

function invalidRequest(reason: string): ApiError {
  return new ApiError("INVALID_REQUEST", { details: { reason } });
}
