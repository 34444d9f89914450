import type { Page } from "../http/formats/page.ts";
import { escapeHtml } from "./html.ts";
import { smallPage } from "./small-page.ts";

/** What to show to a person who opens the service's address. */
export interface Front {
  readonly name: string;
  readonly version: string;
  /** Groups without links are omitted. */
  readonly groups: readonly { readonly title: string; readonly links: readonly Link[] }[];
}

export interface Link {
  readonly text: string;
  readonly href: string;
  /** Its path below the service's address, shown as text. */
  readonly path: string;
}

/** The page at the service's root: what this is, and links to everything that a browser can open. */
export function frontPage({ name, version, groups }: Front): Page {
  const lists = groups.filter(({ links }) => links.length > 0).map(list);
  const main = `<h1>${escapeHtml(name)}</h1>
<p>This is an authentication service, version ${escapeHtml(version)}. Web apps sign people in here, and APIs verify the access tokens.</p>
<nav aria-label="Links">
${lists.join("\n")}
</nav>
<p>Programs get the same links as JSON, with <code>Accept: application/json</code>.</p>`;
  return smallPage({ title: `${name} authentication service`, main });
}

function list({ title, links }: Front["groups"][number]): string {
  const items = links.map(
    ({ text, href, path }) =>
      `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a> <code>${escapeHtml(path)}</code></li>`,
  );
  return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.join("\n")}\n</ul>`;
}
