import type * as z from "zod";
import { parseNetwork, type Network } from "../platform/network.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { list } from "../platform/settings/types.ts";

/** Addresses and networks separated by commas. */
const networks = list.transform((entries, context: z.RefinementCtx) =>
  entries.flatMap((entry): Network[] => {
    const network = parseNetwork(entry);
    if (network) return [network];
    context.addIssue({
      code: "custom",
      message:
        "must be addresses, or networks without host bits, such as 203.0.113.0/24 or 2001:db8::/32, separated by commas",
    });
    return [];
  }),
);

/** Paths of routes, or their beginnings, separated by commas. */
const paths = list
  .refine(
    (entries) => entries.every((entry) => /^\/[\w.{}/-]*$/.test(entry) && !entry.includes("//")),
    "must be paths such as /health, or such as /.well-known/ with all below it, separated by commas",
  )
  .refine((entries) => !entries.includes("/"), "must not be / alone, which would exempt every call")
  .transform((entries) => entries.map((entry) => entry.toLowerCase()));

/** Which addresses may call the service. */
export const addressSettings = section({
  title: "Addresses",
  about:
    "[Which addresses may call](limits.md#addresses). The smallest network that contains an address decides; operators add rules for a time with `npm run addresses`.",
  settings: {
    allowed: {
      name: "IP_ALLOWLIST",
      type: networks,
      default: "",
      about:
        "The addresses and networks (CIDR) that may call the service, separated by commas. If there are any, nobody else may, and nobody whose address is unknown.",
    },
    denied: {
      name: "IP_DENYLIST",
      type: networks,
      default: "",
      about: "The addresses and networks (CIDR) that may not call the service, separated by commas.",
    },
    exempt: {
      name: "IP_LISTS_EXEMPT",
      type: paths,
      default: "/.well-known/",
      about:
        "The paths that every address may call besides `/health/live`, separated by commas; one that ends in `/` exempts all below it.",
    },
  },
});

export type AddressSettings = Part<typeof addressSettings>;

/** Whether every address may call a route. @param route the template of an endpoint, without a leading `/` */
export function isExempt({ exempt }: AddressSettings, route: string): boolean {
  const path = `/${route.toLowerCase()}`;
  return exempt.some((entry) => (entry.endsWith("/") ? path.startsWith(entry) : path === entry));
}
