import { admitsNothing } from "../platform/origins.ts";
import type { Runtime } from "../platform/runtime/settings.ts";
import type { Product } from "../platform/product/settings.ts";
import type { Service } from "../platform/service/settings.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { redirectTargets } from "../platform/settings/types.ts";
import { providerFamily } from "./providers/provider-settings.ts";

/** Where people can sign in, and where they go afterwards. */
export const socialSettings = section({
  title: "Social login",
  about:
    "A provider is on when its settings are given ([how to set each up](social-login.md)). For any other OpenID Connect issuer put a name of your own in the place of `ACME`; there may be any number of them. `OIDC_ACME_…` is `/auth/oauth/acme`.",
  settings: {
    redirectAllowlist: {
      name: "REDIRECT_ALLOWLIST",
      type: redirectTargets,
      default: "",
      defaultText:
        "`FRONTEND_URL` and what is below it; in development the test page too; `/account` where `ACCOUNT_PAGE` is on",
      about:
        "The URLs that a social login may send browsers to, separated by commas, each exact, including its fragment. One that ends in `/` admits the paths below it.",
    },
  },
  family: providerFamily,
  rules: ({ redirectAllowlist: entries }) => [
    [
      entries.some(admitsNothing),
      "REDIRECT_ALLOWLIST",
      "has an entry that admits nothing: it has over 512 characters, an impossible host, or a folder with // or an encoded dot or slash",
    ],
    [
      // The URL parser takes this for one entry whose path contains the second.
      entries.some((entry) => /;[a-z][a-z\d+.-]*:\//i.test(entry)),
      "REDIRECT_ALLOWLIST",
      "must have its entries separated by commas",
    ],
  ],
  productionRules: ({ redirectAllowlist: entries }) => [
    [entries.some((entry) => entry.startsWith("http:")), "REDIRECT_ALLOWLIST", "must not be plain http in production"],
  ],
  complete: (
    { redirectAllowlist: listed, providers },
    { runtime, service, product }: { readonly runtime: Runtime; readonly service: Service; readonly product: Product },
  ) => ({
    providers,
    /** Where browsers may be sent: URLs; one that ends in a slash admits the paths below it. */
    redirectAllowlist: [
      ...(listed.length > 0 ? listed : belowFrontend(service.frontendUrl)),
      ...(runtime.isDevelopment ? [`${service.issuer}/test-login`] : []),
      ...(product.hasAccountPage ? [`${service.issuer}/account`] : []),
    ],
  }),
});

export type SocialSettings = Part<typeof socialSettings>;

function belowFrontend(url: string | undefined): string[] {
  return url === undefined ? [] : [url, `${url.replace(/\/$/, "")}/`];
}
