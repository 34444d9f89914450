import type { Provider, User } from "./api.ts";
import { ifAllowed, LatchkeyError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import type { Service } from "./service.ts";
import type { Transport } from "./transport.ts";

/** What functions over a client need of it, and applications do not. */
export interface Insides {
  readonly service: Service;
  /** With the access token, as `fetch` adds it. */
  readonly asPerson: Service;
  readonly transport: Transport;
  readonly keeper: Keeper;
  /** @throws LatchkeyError PROVIDER_NOT_CONFIGURED */
  readonly provider: (name: string) => Promise<Provider>;
  /** Who is being asked for a proof, by the person's id: what several changes require is asked for once. */
  readonly asking: Map<string, Promise<User | undefined>>;
}

/** @throws LatchkeyError */
export function insidesOf(client: { readonly fetch: typeof fetch }): Insides {
  const found = ifAllowed(() => insides.get(client.fetch));
  if (!found) throw new LatchkeyError("INVALID_OPTIONS", "This client was not made by createClient");
  return found;
}

/** By the client's `fetch`: frameworks put the client itself into a proxy, but no function of it. */
export const insides = new WeakMap<typeof fetch, Insides>();
