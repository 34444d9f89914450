import type { Page } from "../http/formats/page.ts";
import { escapeHtml } from "../platform/html.ts";
import { randomToken } from "../platform/crypto/random.ts";
import type { MailboxMessage } from "./mailbox-message.ts";

/**
 * The mailbox of development as a page. Each mail's HTML stands in a frame of its own that may run no script and reach
 * nothing, but whose links open; its text stands below. The page runs no script.
 */
export function mailboxPage({ messages }: { readonly messages: readonly MailboxMessage[] }): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailbox</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>Mailbox</h1>
<p>Mail is not sent in development: it is shown here, newest first. Programs get it as JSON, with <code>Accept: application/json</code>, and empty the mailbox with <code>DELETE</code>.</p>
${messages.length === 0 ? "<p>There is no mail.</p>" : messages.map(article).join("\n")}
</main>
</body>
</html>
`;
  // The mails have their styles in their elements, and a frame has the policy of its page.
  return { html, nonce: randomToken(), hasInlineStyles: true };
}

function article({ to, subject, text, html, locale, status, created_at: createdAt }: MailboxMessage): string {
  return `<article>
<h2>${escapeHtml(subject)}</h2>
<p>To <b>${escapeHtml(to)}</b>, ${escapeHtml(status)}, <time datetime="${createdAt}">${createdAt}</time></p>
<iframe title="${escapeHtml(subject)}" lang="${escapeHtml(locale)}" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(withLinksThatOpen(html))}"></iframe>
<details open>
<summary>Text</summary>
<pre lang="${escapeHtml(locale)}">${text.split("\n").map(textLine).join("\n")}</pre>
</details>
</article>`;
}

/** Within the frame, a page of this service would not be shown: none may be framed. */
function withLinksThatOpen(html: string): string {
  return html.replace("<head>", '<head><base target="_blank">');
}

function textLine(line: string): string {
  const text = escapeHtml(line);
  return /^https?:\/\/\S+$/.test(line) ? `<a href="${text}">${text}</a>` : text;
}

const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14171c);
  --panel: light-dark(#ffffff, #1d2128);
  --text: light-dark(#1c2230, #e7eaf0);
  --line: light-dark(#c9cfd9, #3a414d);
  --accent: light-dark(#1f5fbf, #8db8f7);
  font: 16px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--text) }
main { max-width: 46rem; margin: 0 auto }
h1, h2 { line-height: 1.25 }
h2 { margin: 0 0 0.5rem; font-size: 1.125rem }
p, h2, pre { overflow-wrap: anywhere }
article { margin: 0 0 1.5rem; padding: 1rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--panel) }
article p { margin: 0 0 0.75rem }
iframe { display: block; width: 100%; height: 36rem; margin: 0 0 0.75rem; border: 1px solid var(--line) }
summary { cursor: pointer }
pre { margin: 0.75rem 0 0; white-space: pre-wrap; font: 0.875rem/1.5 ui-monospace, monospace }
a { color: var(--accent) }
`;
