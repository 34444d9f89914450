import { hash } from "node:crypto";
import type { Answer } from "./answer.ts";

/** A text that caches may keep, with its entity tag (RFC 9110, section 8.8.3). */
interface Rendering {
  readonly text: string;
  readonly etag: string;
}

/** By the data that they show: for as long as a handler gives the same object, its text is made once. */
const renderings = new WeakMap<object, Rendering>();

function render(data: object, toText: (data: object) => string): Rendering {
  const known = renderings.get(data);
  if (known) return known;
  const text = toText(data);
  const rendering = { text, etag: `"${hash("sha256", text, "base64url").slice(0, 27)}"` };
  renderings.set(data, rendering);
  return rendering;
}

export interface PublicDocument {
  readonly data: object;
  readonly toText: (data: object) => string;
  readonly contentType: string | undefined;
  /** Seconds that a cache may keep it without asking. */
  readonly forSeconds: number;
  /** The `If-None-Match` header of the request. */
  readonly ifNoneMatch: string | null;
}

/** A document that any cache may keep: 304 without a body for a caller who has this very text (RFC 9110, section 13.1.2). */
export function publicAnswer({ data, toText, contentType, forSeconds, ifNoneMatch }: PublicDocument): Answer {
  const { text, etag } = render(data, toText);
  const headers = { "Cache-Control": `public, max-age=${forSeconds}`, ETag: etag };
  if (isNamed(ifNoneMatch, etag)) return { status: 304, headers };
  return { status: 200, body: text, headers, ...(contentType !== undefined && { contentType }) };
}

/** Whether the list names this tag, compared weakly: a proxy that compresses marks tags as weak. */
function isNamed(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
