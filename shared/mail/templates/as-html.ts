import { escapeHtml } from "../../platform/html.ts";
import type { Locale } from "../../platform/locale.ts";
import type { Block } from "./letters.ts";

/** What surrounds a letter in HTML. Plain text, all of it. */
export interface Frame {
  readonly locale: Locale;
  readonly subject: string;
  readonly hello: string;
  readonly product: string;
  /** The address of the picture in the head; undefined for the product's name alone. */
  readonly logo: string | undefined;
  readonly footer: readonly string[];
}

/**
 * A letter as HTML for mail programs: styles in the elements, a table for the width, because some know nothing else, and
 * a style sheet for dark mode, for those that do. It fetches nothing.
 */
export function asHtml({ locale, subject, hello, product, logo, footer }: Frame, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>${darkMode}</style>
</head>
<body class="ground" style="${styles.ground}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:16px">
<table role="presentation" class="panel" width="100%" cellpadding="0" cellspacing="0" border="0" style="${styles.panel}">
<tr><td class="line" style="${styles.head}">${head(product, logo)}</td></tr>
<tr><td style="${styles.body}">
${[paragraph(hello), ...blocks.map(blockHtml)].join("\n")}
</td></tr>
<tr><td class="line faint" style="${styles.foot}">
${footer.map((line) => `<p style="margin:0">${escapeHtml(line)}</p>`).join("\n")}
</td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
}

function head(product: string, logo: string | undefined): string {
  if (logo === undefined) return escapeHtml(product);
  return `<img src="${escapeHtml(logo)}" alt="${escapeHtml(product)}" height="40" style="display:block;height:40px;width:auto;max-width:100%;border:0">`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return paragraph(block.text);
    case "link":
      return `<p style="margin:0 0 20px"><a class="button" href="${escapeHtml(block.url)}" style="${styles.button}">${escapeHtml(block.text)}</a></p>`;
    case "code":
      return `<p class="code" style="${styles.code}">${escapeHtml(block.text)}</p>`;
    default:
      return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%" style="margin:0 0 16px">
${block.rows.map(row).join("\n")}
</table>`;
  }
}

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;

function row([label, value]: readonly [label: string, value: string]): string {
  return `<tr><td class="faint" style="${styles.label}">${escapeHtml(label)}</td><td dir="auto" style="${styles.value}">${escapeHtml(value)}</td></tr>`;
}

const breaks = "overflow-wrap:anywhere;word-break:break-word";

const styles = {
  ground: `margin:0;padding:0;background:#f6f7f9;color:#1c2230;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;${breaks}`,
  panel:
    "max-width:560px;table-layout:fixed;background:#ffffff;border:1px solid #c9cfd9;border-radius:8px;border-collapse:separate",
  head: "padding:16px 24px;border-bottom:1px solid #c9cfd9;font-weight:600;font-size:18px",
  body: `padding:24px 24px 8px;${breaks}`,
  foot: "padding:16px 24px;border-top:1px solid #c9cfd9;color:#545d6e;font-size:14px",
  button:
    "display:inline-block;padding:12px 20px;border-radius:6px;background:#1f5fbf;color:#ffffff;font-weight:600;text-decoration:none",
  code: "margin:0 0 20px;padding:12px 16px;border-radius:6px;background:#eef1f5;font:600 26px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px",
  label: "padding:2px 16px 2px 0;color:#545d6e;vertical-align:top;width:32%",
  value: `padding:2px 0;vertical-align:top;${breaks}`,
} as const;

const darkMode = `
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
  .ground { background: #14171c !important; color: #e7eaf0 !important }
  .panel { background: #1d2128 !important; border-color: #3a414d !important }
  .line { border-color: #3a414d !important }
  .faint { color: #a6afbf !important }
  .button { background: #8db8f7 !important; color: #10151d !important }
  .code { background: #2a303a !important }
}
`;
