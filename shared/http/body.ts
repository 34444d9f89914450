import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { ApiError } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";

/** How the body of a request is encoded. */
export interface BodyFormat {
  readonly mediaType: string;
  /** Further media types that it takes. */
  readonly alsoTakes?: readonly string[];
  /** The codes that a body may be refused with. */
  readonly errors: readonly ErrorCode[];
  /** Parses a body and checks it against `schema`. @throws ApiError one of `errors` */
  readonly read: <S extends z.ZodType>(request: HttpRequest, schema: S, limitBytes: number) => Promise<z.output<S>>;
}

/** Reads a request's body. @throws ApiError PAYLOAD_TOO_LARGE */
export async function readBytes(request: HttpRequest, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new ApiError("PAYLOAD_TOO_LARGE", { details: { limit_bytes: limitBytes } });
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge();
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limitBytes) throw tooLarge();
  return bytes;
}

/** A text member of a parsed body; undefined if there is none of this name. */
export function textMember(body: unknown, name: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" ? value : undefined;
}
