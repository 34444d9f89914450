import { randomToken } from "../platform/crypto/random.ts";
import type { Page } from "../http/formats/page.ts";
import { escapeHtml } from "./html.ts";

type Headers = { get(name: string): string | null };

/**
 * Whether a page of another site has sent the browser here without anybody's doing, or into a frame or for a picture. Only
 * browsers say so (https://www.w3.org/TR/fetch-metadata/); what says nothing counts as asked for.
 */
export function isUnasked(headers: Headers): boolean {
  if (headers.get("sec-fetch-site") !== "cross-site") return false;
  const isPage = (headers.get("sec-fetch-dest") ?? "document") === "document";
  return !isPage || headers.get("sec-fetch-user") !== "?1";
}

export interface Onward {
  /** What people call the provider. */
  readonly provider: string;
  /** Where the browser goes in the end; it has been checked. */
  readonly redirectTo: string;
  /** The parameters of this visit, with which the button comes again. */
  readonly query: URLSearchParams;
}

/**
 * A page with a button that begins what this visit was to begin: a sign-in that nobody asked for could make somebody use
 * another's account unawares. The button is a link, since a policy for forms would have to name all the hosts that the
 * provider may send the browser to.
 */
export function askingPage({ provider, redirectTo, query }: Onward): Page {
  const nonce = randomToken();
  const { host, protocol } = new URL(redirectTo);
  const shown = {
    provider: escapeHtml(provider),
    target: escapeHtml(host === "" ? protocol.slice(0, -1) : host),
    href: escapeHtml(`?${query.toString()}`),
  };
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in with ${shown.provider}?</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>Sign in with ${shown.provider}?</h1>
<p>Another website has sent you here to sign in. If you did not expect that, close this page.</p>
<p>Afterwards you go to <strong>${shown.target}</strong>.</p>
<p><a class="button" href="${shown.href}">Continue to ${shown.provider}</a></p>
</main>
</body>
</html>
`;
  return { html, nonce, hasInlineStyles: false };
}

const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14171c);
  --panel: light-dark(#ffffff, #1d2128);
  --text: light-dark(#1c2230, #e7eaf0);
  --line: light-dark(#c9cfd9, #3a414d);
  --accent: light-dark(#1f5fbf, #8db8f7);
  --on-accent: light-dark(#ffffff, #10151d);
  font: 16px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--text) }
main {
  max-width: 28rem;
  margin: 10vh auto 0;
  padding: 1.5rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--panel);
}
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 0.75rem; overflow-wrap: anywhere }
p:last-child { margin: 1.25rem 0 0 }
.button {
  display: block;
  min-height: 2.75rem;
  padding: 0.625rem 1rem;
  border-radius: 0.375rem;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  text-align: center;
  text-decoration: none;
}
.button:hover { text-decoration: underline }
.button:focus-visible { outline: 0.1875rem solid var(--accent); outline-offset: 0.125rem }
`;
