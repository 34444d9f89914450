import type { Page } from "../http/formats/page.ts";
import { escapeHtml } from "./html.ts";
import { smallPage } from "./small-page.ts";

/**
 * Whether a page of another site has sent the browser here without anybody's doing, or into a frame or for a picture. Only
 * browsers say so (https://www.w3.org/TR/fetch-metadata/); what says nothing counts as asked for.
 */
export function isUnasked(headers: Headers): boolean {
  if (headers.get("sec-fetch-site") !== "cross-site") return false;
  const isPage = (headers.get("sec-fetch-dest") ?? "document") === "document";
  return !isPage || headers.get("sec-fetch-user") !== "?1";
}

type Headers = { get(name: string): string | null };

export interface Onward {
  /** What people call the provider. */
  readonly provider: string;
  /** Where the browser goes after the sign-in; already checked. */
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
  const { host, protocol } = new URL(redirectTo);
  const shown = {
    provider: escapeHtml(provider),
    target: escapeHtml(host === "" ? protocol.slice(0, -1) : host),
    href: escapeHtml(`?${query.toString()}`),
  };
  const title = `Sign in with ${provider}?`;
  const main = `<h1>${escapeHtml(title)}</h1>
<p>Another website sent you here to sign in. If you did not expect this, close the page.</p>
<p>After signing in, you go to <strong>${shown.target}</strong>.</p>
<p><a class="button" href="${shown.href}">Continue to ${shown.provider}</a></p>`;
  return smallPage({ title, main });
}
