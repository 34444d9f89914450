import { hash } from "node:crypto";
import type { Answer, Exchange } from "../answer.ts";
import { envelope } from "./envelope.ts";
import { anyText, type Format, type Outcome } from "./format.ts";

/** A JSON document with its own shape, which any cache may keep and any web page may read. */
export function bare({ publicForSeconds }: Public): Format<object> {
  return {
    ...envelope,
    contents: { "application/json": (document) => document },
    cors: "any",
    answer: (exchange, outcome) => publicAnswer(exchange, render(outcome, JSON.stringify), publicForSeconds),
  };
}

interface Public {
  /** For how many seconds a cache may keep the document without asking. */
  readonly publicForSeconds: number;
}

/** Like `bare`, for a document that is not JSON: the reply's member `text`. */
export function bareText({
  publicForSeconds,
  contentType,
}: Public & { contentType: string }): Format<{ text: string }> {
  return {
    ...bare({ publicForSeconds }),
    contents: { [contentType]: anyText },
    answer: (exchange, outcome) => ({
      ...publicAnswer(
        exchange,
        render(outcome, ({ text }) => text),
        publicForSeconds,
      ),
      contentType,
    }),
  };
}

/** A cacheable text, with its entity tag (RFC 9110, section 8.8.3). */
interface Rendering {
  readonly text: string;
  readonly etag: string;
}

/** Keyed by the handler's data: as long as it returns the same object, the text is made only once. */
const renderings = new WeakMap<object, Rendering>();

function render<T>({ data, shown }: Outcome<T>, toText: (shown: T) => string): Rendering {
  // The reply is an object, and so is what the handler returned.
  const key = data as object;
  const known = renderings.get(key);
  if (known) return known;
  const text = toText(shown());
  const rendering = { text, etag: `"${hash("sha256", text, "base64url").slice(0, 27)}"` };
  renderings.set(key, rendering);
  return rendering;
}

/** 304 without a body if the caller already has this text (RFC 9110, section 13.1.2). */
function publicAnswer({ ifNoneMatch }: Exchange, { text, etag }: Rendering, forSeconds: number): Answer {
  const headers = { "Cache-Control": `public, max-age=${forSeconds}`, ETag: etag };
  return isNamed(ifNoneMatch, etag) ? { status: 304, headers } : { status: 200, body: text, headers };
}

/** Whether the list contains this tag, compared weakly: a proxy that compresses marks tags as weak. */
function isNamed(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
