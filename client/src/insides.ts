import type { Provider, User } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { ifAllowed, LatchkeyError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import type { Service } from "./service.ts";
import type { Transport } from "./transport.ts";

/** What the package's functions need of a client, and applications do not. */
export interface Insides {
  readonly service: Service;
  /** Calls with the access token, the way `fetch` adds it. */
  readonly asPerson: Service;
  readonly transport: Transport;
  readonly keeper: Keeper;
  /** Signs in by a call that answers as a login does. */
  readonly signIn: (path: string, body: object) => Promise<User>;
  /** @throws LatchkeyError PROVIDER_NOT_CONFIGURED */
  readonly provider: (name: string) => Promise<Provider>;
  /** Open questions for a proof, by the person's id: several changes share one. */
  readonly asking: Map<string, Promise<User | undefined>>;
  /** The answer to a link that is not finished yet. Its purpose says whose it is. */
  unfinished?: Arrival | undefined;
}

/** @throws LatchkeyError */
export function insidesOf(client: { readonly fetch: typeof fetch }): Insides {
  const found = ifAllowed(() => insides.get(client.fetch));
  if (!found) throw new LatchkeyError("INVALID_OPTIONS", "This client was not made by createClient");
  return found;
}

/** Keyed by the client's `fetch`: frameworks wrap the client in a proxy, but not its functions. */
export const insides = new WeakMap<typeof fetch, Insides>();
