import type { Queries } from "../platform/database/database.ts";
import { createClientStore, type ClientStore } from "./store.ts";
import { createClientTokenStore, type ClientTokenStore } from "./token-store.ts";

/** OAuth clients. */
export interface Clients extends ClientStore {
  /** The access tokens that clients hold for themselves. */
  readonly tokens: ClientTokenStore;
}

export function createClients(queries: Queries): Clients {
  return { ...createClientStore(queries), tokens: createClientTokenStore(queries) };
}
