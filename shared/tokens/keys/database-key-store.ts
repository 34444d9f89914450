import type { Seal } from "../../platform/crypto/seal.ts";
import { generateKey, openPrivateKey, ownPublicJwk, signerWith } from "./key-material.ts";
import type { KeyStore } from "./key-store.ts";
import type { SigningKeyQueries, SigningKeyRow } from "./signing-key-queries.ts";

/** Keeps the keys in the database, with their private parts sealed. */
export function createDatabaseKeyStore(queries: SigningKeyQueries, seal: Seal): KeyStore<SigningKeyRow> {
  return {
    ...queries,
    async remove(kid) {
      await queries.remove(kid);
      return true;
    },
    async make(key) {
      const row = await generateKey(seal, key);
      return (await queries.add(row)) ? row : undefined;
    },
    ownJwkOf: async (row) => ownPublicJwk(seal, row),
    signer: async (row) => signerWith(await openPrivateKey(seal, row)),
  };
}

/** The purpose under which private keys are sealed. */
export const keySealPurpose = "signing key seal v1";
