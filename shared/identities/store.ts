import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";

/** A person at a provider. */
export interface IdentityKey {
  readonly provider: string;
  readonly subject: string;
}

export interface NewIdentity extends IdentityKey {
  readonly id: string;
  readonly accountId: string;
  readonly email: string | null;
}

export type IdentityStore = ReturnType<typeof createIdentityStore>;

/** The queries on `identities`. */
export function createIdentityStore(queries: Queries) {
  const db = queries.withTables<{ identities: IdentitiesTable }>();
  return {
    /** The identity with this key, and its account. */
    async find({ provider, subject }: IdentityKey): Promise<{ id: string; accountId: string } | undefined> {
      const row = await db
        .selectFrom("identities")
        .select(["id", "user_id"])
        .where("provider", "=", provider)
        .where("subject", "=", subject)
        .executeTakeFirst();
      return row && { id: row.id, accountId: row.user_id };
    },

    /** The identities of an account, oldest first. */
    async list(accountId: string) {
      const rows = await db
        .selectFrom("identities")
        .select(["provider", "subject", "email", "created_at", "last_used_at"])
        .where("user_id", "=", accountId)
        .execute();
      return rows.toSorted((one, other) => one.created_at.getTime() - other.created_at.getTime());
    },

    /** Whether an account has an identity at a provider. */
    async isLinked({ accountId, provider }: { accountId: string; provider: string }): Promise<boolean> {
      const identity = db
        .selectFrom("identities")
        .select("id")
        .where("user_id", "=", accountId)
        .where("provider", "=", provider)
        .limit(1);
      return (await identity.executeTakeFirst()) !== undefined;
    },

    /** Adds an identity. @returns false if its key is taken: of racing calls, the unique index lets one through */
    async add({ accountId, ...identity }: NewIdentity, now: Date): Promise<boolean> {
      const row = { ...identity, user_id: accountId, created_at: now, last_used_at: now };
      return !(await isDuplicate(db.insertInto("identities").values(row).execute()));
    },

    /** Records a sign-in, and the address if the provider reported one. @returns false if the identity is gone */
    async recordUse(id: string, email: string | null, now: Date): Promise<boolean> {
      const seen = { last_used_at: now, ...(email !== null && { email }) };
      const use = db.updateTable("identities").set(seen).where("id", "=", id).returning("id");
      return (await use.executeTakeFirst()) !== undefined;
    },

    /** Removes an account's identities at a provider. @returns how many this call removed */
    async remove({ accountId, provider }: { accountId: string; provider: string }): Promise<number> {
      const removal = db
        .deleteFrom("identities")
        .where("user_id", "=", accountId)
        .where("provider", "=", provider)
        .returning("id");
      return (await removal.execute()).length;
    },

    /** Removes all identities of an account. @returns the names of their providers */
    async removeAll(accountId: string): Promise<string[]> {
      const removal = db.deleteFrom("identities").where("user_id", "=", accountId).returning("provider");
      return (await removal.execute()).map(({ provider }) => provider);
    },
  };
}

/** A row of `identities`. */
interface IdentitiesTable {
  id: string;
  user_id: string;
  provider: string;
  /** The person's id at the provider; unique together with `provider`. */
  subject: string;
  /** The address that the provider last reported, verified or not. */
  email: string | null;
  created_at: Date;
  last_used_at: Date;
}
