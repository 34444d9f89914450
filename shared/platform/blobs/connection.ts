import type { Identity } from "../identity.ts";

/** How to reach a container of blobs: its address and the identity that signs in there, or a connection string and its name. */
export type BlobContainerConnection =
  | { readonly url: string; readonly identity: Identity }
  | { readonly connectionString: string; readonly name: string };
