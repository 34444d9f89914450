import { ApiError } from "../platform/errors/api-error.ts";
import { readBytes, type BodyFormat } from "./body.ts";
import { isPlain } from "./media-type.ts";

const mediaType = "application/x-www-form-urlencoded";

/**
 * The parameters of an OAuth request (RFC 6749, section 3.2 and appendix B): unknown ones are dropped, one without a
 * value counts as absent, and none may be repeated.
 */
export const formBody: BodyFormat = {
  mediaType,
  errors: ["INVALID_REQUEST", "PAYLOAD_TOO_LARGE"],
  async read(request, schema, limitBytes) {
    const bytes = await readBytes(request, limitBytes);
    const { headers } = request;
    if (bytes.length === 0 && headers.has("transfer-encoding"))
      throw invalidRequest("Send the body with a Content-Length, not in chunks");
    if (!isPlain(headers, mediaType))
      throw invalidRequest(`The body must be ${mediaType} in UTF-8, without Content-Encoding`);
    const parsed = schema.safeParse(parse(bytes));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw invalidRequest(`${issue?.path.join(".")} is required`);
  },
};

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

/** Makes the error for a request that breaks OAuth's rules. @param reason is sent to the caller */
export function invalidRequest(reason: string): ApiError {
  return new ApiError("INVALID_REQUEST", { details: { reason } });
}
