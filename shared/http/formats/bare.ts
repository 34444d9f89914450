import { hash } from "node:crypto";
import type { Answer, Exchange } from "../answer.ts";
import { envelope } from "./envelope.ts";
import { anyText, type Format, type Outcome } from "./format.ts";

interface Public {
  /** Seconds that a cache may keep the document without asking. */
  readonly publicForSeconds: number;
}

/** A JSON document with a shape of its own, which any cache may keep and any web page may read. */
export function bare({ publicForSeconds }: Public): Format<object> {
  return {
    ...envelope,
    contents: { "application/json": (document) => document },
    cors: "any",
    answer: (exchange, outcome) => publicAnswer(exchange, render(outcome, JSON.stringify), publicForSeconds),
  };
}

/** As `bare`, for a document that is not JSON: what it says is the member `text` of the reply. */
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

/** A text that caches may keep, with its entity tag (RFC 9110, section 8.8.3). */
interface Rendering {
  readonly text: string;
  readonly etag: string;
}

/** By the data that they show: for as long as a handler gives the same object, its text is made once. */
const renderings = new WeakMap<object, Rendering>();

function render<T>({ data, shown }: Outcome<T>, toText: (shown: T) => string): Rendering {
  // What is shown is an object, so what the handler gave is one.
  const key = data as object;
  const known = renderings.get(key);
  if (known) return known;
  const text = toText(shown());
  const rendering = { text, etag: `"${hash("sha256", text, "base64url").slice(0, 27)}"` };
  renderings.set(key, rendering);
  return rendering;
}

/** 304 without a body for a caller that has this very text (RFC 9110, section 13.1.2). */
function publicAnswer({ ifNoneMatch }: Exchange, { text, etag }: Rendering, forSeconds: number): Answer {
  const headers = { "Cache-Control": `public, max-age=${forSeconds}`, ETag: etag };
  return isNamed(ifNoneMatch, etag) ? { status: 304, headers } : { status: 200, body: text, headers };
}

/** Whether the list names this tag, compared weakly: a proxy that compresses marks tags as weak. */
function isNamed(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
