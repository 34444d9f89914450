import * as z from "zod";
import type { Config } from "../config.ts";
import type { Answer } from "./answer.ts";

/** A page that the service shows. */
export const page = z.object({
  html: z.string(),
  /** What marks the page's own scripts and styles; new for each answer. */
  nonce: z.string(),
  /** Where its scripts may send requests, besides its own origin; a page without it may run none. */
  connectTo: z.string().optional(),
  /** Whether it adds styles of its own that bear no nonce. Scripts never may. */
  hasInlineStyles: z.boolean().default(false),
});

export type Page = z.output<typeof page>;

/** A page under a policy that runs its own scripts alone, if any, and asks nobody else for anything (CSP Level 3). */
export function pageAnswer({ html, nonce, connectTo, hasInlineStyles }: Page): Answer {
  const policy = [
    "default-src 'none'",
    ...(connectTo === undefined ? [] : [`script-src 'nonce-${nonce}'`, `connect-src 'self' ${connectTo}`]),
    `style-src ${hasInlineStyles ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status: 200,
    body: html,
    contentType: "text/html; charset=utf-8",
    headers: { "Content-Security-Policy": policy.join("; ") },
  };
}

/** The path below which the service is reached, without a slash at its end: a gateway may put it below one. */
export function pathPrefix({ service: { issuer } }: Config): string {
  return new URL(issuer).pathname.replace(/\/$/, "");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it may stand in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** The HTML of a page about the API. @param parts what stands in its head and in its body */
export function apiPage({ head, body }: { head: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey API</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}
