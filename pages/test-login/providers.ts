import type { Client } from "../../client/src/index.ts";
import { element } from "../shell/element.ts";

/** Shows a link to every social provider that is set up; each comes back to this page. */
export async function showProviders(client: Client, place: HTMLElement): Promise<void> {
  const providers = await client.providers();
  const links = providers.map(({ display_name: displayName, authorize_url: address }) => {
    const url = new URL(address);
    url.searchParams.set("redirect_to", new URL("../../../test-login", address).href);
    return element("li", {}, element("a", { class: "button", href: url.href }, `Sign in with ${displayName}`));
  });
  const none = element("p", { class: "hint" }, "No identity provider is configured; see docs/social-login.md.");
  place.replaceChildren(links.length > 0 ? element("ul", { class: "providers" }, ...links) : none);
}
