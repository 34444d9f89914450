import type { Page } from "../http/formats/page.ts";
import { escapeHtml } from "./html.ts";
import { smallPage } from "./small-page.ts";

/**
 * Whether a page of another site sent the browser here without any user action, or into a frame or for an image. Only
 * browsers report this (https://www.w3.org/TR/fetch-metadata/); without a report, the visit counts as intended.
 */
export function isUnasked(headers: Headers): boolean {
  if (headers.get("sec-fetch-site") !== "cross-site") return false;
  const isPage = (headers.get("sec-fetch-dest") ?? "document") === "document";
  return !isPage || headers.get("sec-fetch-user") !== "?1";
}

type Headers = { get(name: string): string | null };

export interface Onward {
  /** The provider's display name. */
  readonly provider: string;
  /** Where the browser goes after the sign-in; already checked. */
  readonly redirectTo: string;
  /** The parameters of this visit, which the button repeats. */
  readonly query: URLSearchParams;
}

/**
 * A page with a button that does what this visit was meant to do: a sign-in that nobody asked for could make people use
 * someone else's account without noticing. The button is a link, because a policy for forms would have to list all
 * hosts that the provider may redirect to.
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
