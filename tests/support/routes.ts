import type { CatalogueEntry } from "../../shared/http/catalogue.ts";

/** An id that nothing has. */
export const anId = "3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3";

/** Something for each parameter that a route may have: a route with another is an error, so that nobody forgets it. */
const parameters: Readonly<Record<string, string>> = {
  provider: "acme",
  shard: "0",
  id: anId,
};

/** The path of an endpoint. @throws Error if a parameter is unknown here */
export function pathOf({ route }: Pick<CatalogueEntry, "route">): string {
  const path = route.replace(/^\//, "").replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`${route}: no value for ${name}`);
    return value;
  });
  return `/${path}`;
}
