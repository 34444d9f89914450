import type { Config } from "../../config.ts";
import type { Locale } from "../../platform/locale.ts";
import { linkTexts } from "./texts.ts";

/** A link on a page. */
export interface Onward {
  readonly text: string;
  /** Absolute, or relative to the page. */
  readonly href: string;
}

/** Where a person goes on after success: to the account page if it is on, else to the front end; undefined for neither. */
export function onwardFrom(
  { product, service }: Pick<Config, "product" | "service">,
  locale: Locale,
): Onward | undefined {
  const { account, app } = linkTexts[locale].onward;
  // Relative, as the forms are: the service may be known by another name or below a path.
  if (product.hasAccountPage) return { text: account, href: "../../account" };
  return service.frontendUrl === undefined ? undefined : { text: app(product.name), href: service.frontendUrl };
}
