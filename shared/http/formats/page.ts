import * as z from "zod";
import type { Answer } from "../answer.ts";
import { weightOf } from "../media-type.ts";
import { envelope } from "./envelope.ts";
import { anyText, type Format } from "./format.ts";

const mediaType = "text/html";

/** A page of this service. */
export const pageReply = z.object({
  html: z.string(),
  /** Marks the page's own scripts and styles; new in each answer. */
  nonce: z.string(),
  /** Where its scripts may send requests besides its own origin; without it, the page may not run scripts. */
  connectTo: z.string().optional(),
  /** Whether it adds styles without a nonce. Scripts never may. */
  hasInlineStyles: z.boolean().default(false),
  /** Whether it has a form, which may post to this service only. */
  hasForm: z.boolean().optional(),
  /** What it loads from elsewhere: sources by the directive of the policy. */
  admits: z.record(z.string(), z.string()).optional(),
});

export type Page = z.output<typeof pageReply>;

/** HTML with a policy that runs only the page's own scripts, if any, and loads nothing from elsewhere (CSP Level 3). */
export const page: Format<Page> = {
  ...envelope,
  contents: { [mediaType]: anyText },
  answer: (_exchange, { shown }) => pageAnswer(shown()),
};

/** The envelope; or a page of the same data if the caller's `Accept` prefers HTML to JSON, as browsers' do. */
export function envelopeOrPage<T>(toPage: (shown: T) => Page): Format<T> {
  return {
    ...envelope,
    contents: { ...envelope.contents, ...page.contents },
    answer(exchange, outcome) {
      const { headers, ...answer } = prefersPage(exchange.accept)
        ? pageAnswer(toPage(outcome.shown()))
        : envelope.answer(exchange, outcome);
      return { ...answer, headers: { ...headers, Vary: "Origin, Accept" } };
    },
  };
}

const html = { name: mediaType, parameters: [["charset", "utf-8"]] } as const;
const json = { name: "application/json", parameters: [] } as const;

/** Whether an `Accept` prefers HTML to JSON, as browsers' do. */
export function prefersPage(accept: string): boolean {
  return weightOf(html, accept) > weightOf(json, accept);
}

/** A page as an answer. */
export function pageAnswer(shown: Page, status = 200): Answer {
  return {
    status,
    body: shown.html,
    contentType: `${mediaType}; charset=utf-8`,
    headers: { "Content-Security-Policy": policyOf(shown) },
  };
}

function policyOf({ nonce, connectTo, hasInlineStyles, hasForm, admits = {} }: Page): string {
  const own: Readonly<Record<string, string>> = {
    "default-src": "'none'",
    ...(connectTo !== undefined && { "script-src": `'nonce-${nonce}'`, "connect-src": `'self' ${connectTo}` }),
    "style-src": hasInlineStyles ? "'unsafe-inline'" : `'nonce-${nonce}'`,
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": hasForm ? "'self'" : "'none'",
    "frame-ancestors": "'none'",
  };
  const directives = new Set([...Object.keys(own), ...Object.keys(admits)]);
  return Array.from(directives, (name) => [name, own[name], admits[name]].filter(Boolean).join(" ")).join("; ");
}
