import { repeatable } from "../platform/database/budget.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import type { Queries } from "../platform/database/database.ts";

/** A row of `signing_keys`. */
export interface SigningKeyRow {
  kid: string;
  /** 1 for the first key, one more for each later one; unique. */
  generation: number;
  algorithm: string;
  /** The public JWK as JSON. */
  public_jwk: string;
  /** The private JWK as JSON, sealed under the `kid`. */
  sealed_private_key: Buffer;
  created_at: Date;
}

export type SigningKeyStore = ReturnType<typeof createSigningKeyStore>;

/** The queries on `signing_keys`. */
export function createSigningKeyStore(queries: Queries) {
  const db = queries.withTables<{ signing_keys: SigningKeyRow }>();
  return {
    /** All keys, the oldest first. */
    list: (): Promise<SigningKeyRow[]> => db.selectFrom("signing_keys").selectAll().orderBy("generation").execute(),

    /**
     * Adds a key. @returns false when this generation has been made: by another instance, whose key counts, or by a first
     * run of this one whose answer was lost
     */
    async add(row: SigningKeyRow): Promise<boolean> {
      try {
        await repeatable(() => db.insertInto("signing_keys").values(row).execute());
        return true;
      } catch (error) {
        if (error instanceof DuplicateKeyError) return false;
        throw error;
      }
    },
  };
}
