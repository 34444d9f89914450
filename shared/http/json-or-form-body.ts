import { ApiError } from "../platform/errors/api-error.ts";
import { readBytes, type BodyFormat } from "./body.ts";
import { jsonBody } from "./json-body.ts";
import { isPlain, parseMediaType } from "./media-type.ts";
import { validate } from "./validate.ts";

const formType = "application/x-www-form-urlencoded";

/** Whether a body is that of a page's form. */
export function isFormBody(headers: { get(name: string): string | null }): boolean {
  return parseMediaType(headers.get("content-type") ?? "")?.name === formType;
}

/**
 * A JSON body, or the same members as the fields of a form.
 * @param typed fields that a person types: one that a form lacks counts as left empty
 */
export function jsonOrFormBody(typed: readonly string[] = []): BodyFormat {
  const empty = Object.fromEntries(typed.map((name) => [name, ""]));
  return {
    ...jsonBody,
    alsoTakes: [formType],
    async read(request, schema, limitBytes) {
      if (!isFormBody(request.headers)) return jsonBody.read(request, schema, limitBytes);
      const bytes = await readBytes(request, limitBytes);
      if (!isPlain(request.headers, formType)) throw new ApiError("UNSUPPORTED_MEDIA_TYPE");
      return validate({ ...empty, ...parse(bytes) }, schema);
    },
  };
}

/** A repeated field becomes a list, which no schema takes. */
function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  // Browsers send UTF-8. What is not becomes U+FFFD, as in every form that is parsed by the URL Standard.
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes)))
    fields.set(name, fields.has(name) ? [value] : value);
  return Object.fromEntries(fields);
}
