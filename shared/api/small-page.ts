import type { Page } from "../http/formats/page.ts";
import type { Locale } from "../platform/locale.ts";
import { randomToken } from "../platform/crypto/random.ts";
import { escapeHtml } from "./html.ts";

export interface SmallPage {
  /** Plain text. */
  readonly title: string;
  /** The HTML of its one column. */
  readonly main: string;
  /** English unless given. */
  readonly locale?: Locale;
  /** Whether it has a form, which may post to this service only. */
  readonly hasForm?: boolean;
}

/** A page without scripts in the style of the service. */
export function smallPage({ title, main, locale = "en", hasForm = false }: SmallPage): Page {
  const nonce = randomToken();
  const html = `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
  return { html, nonce, hasInlineStyles: false, hasForm };
}

const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14171c);
  --panel: light-dark(#ffffff, #1d2128);
  --text: light-dark(#1c2230, #e7eaf0);
  --faint: light-dark(#545d6e, #a6afbf);
  --line: light-dark(#c9cfd9, #3a414d);
  --accent: light-dark(#1f5fbf, #8db8f7);
  --warning: light-dark(#b3261e, #f2a29b);
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
main:has(nav) { max-width: 40rem; margin-top: 4vh }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25 }
h2 { margin: 1.5rem 0 0.25rem; font-size: 1.125rem; line-height: 1.25 }
p { margin: 0 0 0.75rem; overflow-wrap: anywhere }
p:last-child { margin: 1.25rem 0 0 }
ul { margin: 0; padding: 0; list-style: none }
li { padding: 0.625rem 0; border-top: 1px solid var(--line) }
li:first-child { border-top: 0 }
li a { color: var(--accent) }
code { font: 0.875rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere }
li code { display: block; color: var(--faint) }
a:focus-visible { outline: 0.1875rem solid var(--accent); outline-offset: 0.125rem }
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
form { margin: 1.25rem 0 0 }
label { display: block; font-weight: 600 }
input {
  display: block;
  width: 100%;
  min-height: 2.75rem;
  margin: 0.25rem 0 0.75rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--faint);
  border-radius: 0.375rem;
  background: var(--ground);
  color: var(--text);
  font: inherit;
}
input[readonly] { border-style: dashed }
small { display: block; margin: 0 0 0.75rem; color: var(--faint); font-size: 0.875rem }
button.button { width: 100%; border: 0; font: inherit; font-weight: 600; cursor: pointer }
input:focus-visible, button:focus-visible { outline: 0.1875rem solid var(--accent); outline-offset: 0.125rem }
.refused { padding-left: 0.75rem; border-left: 0.25rem solid var(--warning); color: var(--text); font-weight: 600 }
`;
