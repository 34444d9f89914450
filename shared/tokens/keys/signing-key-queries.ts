import { repeatable } from "../../platform/database/budget.ts";
import { isDuplicate } from "../../platform/database/errors.ts";
import type { Queries } from "../../platform/database/database.ts";

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
  /** When it starts to sign; null: since its creation. */
  signs_from: Date | null;
  /** When it was withdrawn. */
  revoked_at: Date | null;
  /** The longest lifetime of the access tokens it signed, in seconds. */
  token_seconds: number | null;
}

export type SigningKeyQueries = ReturnType<typeof createSigningKeyQueries>;

/** The queries on `signing_keys`. */
export function createSigningKeyQueries(queries: Queries) {
  const db = queries.withTables<{ signing_keys: SigningKeyRow }>();
  return {
    /** All keys, oldest first. */
    list: (): Promise<SigningKeyRow[]> => db.selectFrom("signing_keys").selectAll().orderBy("generation").execute(),

    /**
     * Adds a key. @returns false if this generation exists already: made by another instance, whose key counts, or by
     * an earlier run of this one whose answer was lost
     */
    async add(row: SigningKeyRow): Promise<boolean> {
      return !(await isDuplicate(repeatable(() => db.insertInto("signing_keys").values(row).execute())));
    },

    /** Makes a key that was to sign later sign from `now` on. @returns whether this call did it */
    async promote(kid: string, now: Date): Promise<boolean> {
      const update = db
        .updateTable("signing_keys")
        .set({ signs_from: now })
        .where("kid", "=", kid)
        .where("signs_from", ">", now)
        .where("revoked_at", "is", null)
        .returning("kid");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /** Withdraws a key. @returns whether this call did it; false if unknown */
    async revoke(kid: string, now: Date): Promise<boolean> {
      const update = db
        .updateTable("signing_keys")
        .set({ revoked_at: now })
        .where("kid", "=", kid)
        .where("revoked_at", "is", null)
        .returning("kid");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /** Records that a key signs tokens of this lifetime, unless a longer one is already recorded. */
    async noteLifetime(kid: string, tokenSeconds: number): Promise<void> {
      const update = db
        .updateTable("signing_keys")
        .set({ token_seconds: tokenSeconds })
        .where("kid", "=", kid)
        .where((query) => query.or([query("token_seconds", "is", null), query("token_seconds", "<", tokenSeconds)]));
      await repeatable(() => update.execute());
    },

    /** Removes a key whose last token has expired. */
    async remove(kid: string): Promise<void> {
      await repeatable(() => db.deleteFrom("signing_keys").where("kid", "=", kid).execute());
    },
  };
}
