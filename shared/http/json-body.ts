import type * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";
import { readBytes, type BodyFormat } from "./body.ts";
import { isPlain } from "./media-type.ts";
import { DuplicateMember, parseStrictJson } from "./strict-json.ts";
import { validate } from "./validate.ts";

const mediaType = "application/json";

/** A JSON body. To the schema, no body at all is `undefined`. */
export const jsonBody: BodyFormat = {
  mediaType,
  errors: ["INVALID_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR"],
  async read(request, schema, limitBytes) {
    const { headers } = request;
    const bytes = await readBytes(request, limitBytes);
    if (bytes.length === 0) {
      return readNothing(schema, headers.has("content-type") && headers.has("transfer-encoding"));
    }
    if (!isPlain(headers, mediaType)) throw new ApiError("UNSUPPORTED_MEDIA_TYPE");
    return validate(parse(bytes), schema);
  },
};

/** @param isChunked whether the caller meant to send a body: the host drops one that comes in chunks */
function readNothing<S extends z.ZodType>(schema: S, isChunked: boolean): z.output<S> {
  const nothing = schema.safeParse(undefined);
  if (nothing.success && !isChunked) return nothing.data;
  throw invalidJson("The body is empty. Send it with a Content-Length, not in chunks");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    // The parser's message may quote the body.
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
