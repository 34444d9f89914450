import type { Identity } from "../identity.ts";

/** How to reach the queues: a connection string, or an address and the identity that signs in there. */
export type QueueConnection = string | QueueAddress;

export interface QueueAddress {
  readonly serviceUri: string;
  readonly identity: Identity;
}
