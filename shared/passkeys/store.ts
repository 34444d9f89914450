import { randomBytes } from "node:crypto";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { VerifiedAssertion, VerifyingKey } from "./assertion.ts";
import type { VerifiedCredential } from "./attestation.ts";
import { createPasskeyChallenges, type OpenedChallenge } from "./challenges.ts";
import { hashOfId } from "./credential.ts";
import type { PasskeyQueries, PasskeysTable, UsedChallengesTable, UserHandlesTable } from "./tables.ts";
import { createUpkeepQueries } from "./upkeep-queries.ts";

/** A passkey that a credential names, with all that its use is judged by. */
export interface KnownPasskey extends VerifyingKey {
  readonly id: string;
  readonly accountId: string;
  readonly userHandle: Buffer;
  readonly signCount: number;
  readonly isUserVerified: boolean;
}

/** A passkey to add. Make its id outside the transaction. */
export interface NewPasskey extends VerifiedCredential {
  readonly id: string;
  readonly accountId: string;
  readonly name: string | null;
}

/** @returns a function that creates, for a connection, the queries on passkeys, and the challenges that they sign */
export function createPasskeys({
  secretKey,
  previousSecretKey,
}: {
  secretKey: string;
  previousSecretKey: string | undefined;
}) {
  const challenges = createPasskeyChallenges(secretKey, previousSecretKey);
  return (queries: Queries) => ({ ...createPasskeyQueries(queries), challenges });
}

function createPasskeyQueries(queries: Queries) {
  const db = queries.withTables<{
    passkeys: PasskeysTable;
    user_handles: UserHandlesTable;
    used_webauthn_challenges: UsedChallengesTable;
  }>();

  /** By which id authenticators know an account; undefined if none has been told. */
  async function findUserHandle(accountId: string): Promise<Buffer | undefined> {
    const row = db.selectFrom("user_handles").select("handle").where("user_id", "=", accountId);
    return (await row.executeTakeFirst())?.handle;
  }

  return {
    ...createUpkeepQueries(db),

    /** The passkey with this credential id, whoever it belongs to. */
    async find(credentialId: Uint8Array): Promise<KnownPasskey | undefined> {
      const [row] = await select(db, { credentialHash: hashOfId(credentialId) });
      if (!row) return undefined;
      const { id, user_id: accountId, public_key: publicKey, sign_count: signCount, handle: userHandle } = row;
      const flags = { isBackupEligible: row.is_backup_eligible, isUserVerified: row.is_user_verified };
      return { id, accountId, publicKey, userHandle, signCount: Number(signCount), ...flags };
    },

    /** Adds a passkey. @returns false if some account has this credential id: of racing calls one wins */
    async add({ accountId, credentialId, transports, ...passkey }: NewPasskey, now: Date): Promise<boolean> {
      const row = {
        id: passkey.id,
        user_id: accountId,
        credential_id: credentialId,
        credential_hash: hashOfId(credentialId),
        public_key: passkey.publicKey,
        algorithm: passkey.algorithm,
        sign_count: passkey.signCount,
        transports: [...new Set(transports)].toSorted().join(" "),
        is_backup_eligible: passkey.isBackupEligible,
        is_backed_up: passkey.isBackedUp,
        is_user_verified: passkey.isUserVerified,
        aaguid: passkey.aaguid,
        name: passkey.name,
        created_at: now,
      };
      return !(await isDuplicate(db.insertInto("passkeys").values(row).execute()));
    },

    /**
     * Records that a passkey was used.
     * @returns false if it is gone, or its count does not exceed the last one: of two calls with the same count one wins
     */
    async use({ id, signCount, isBackedUp, isUserVerified }: PasskeyUse, now: Date): Promise<boolean> {
      return (await use(db, { id, signCount, isBackedUp, isUserVerified, now })).length > 0;
    },

    /**
     * Uses a challenge up; its key decides between racing calls.
     * @param by a new id for each call, made outside the transaction
     * @returns whether this call uses it now, or has in an earlier run of its transaction; undefined if another has
     */
    async useChallenge(
      { hash, expiresAt }: OpenedChallenge,
      by: string,
    ): Promise<"now" | "in_earlier_run" | undefined> {
      const row = { challenge_hash: hash, used_by: by, expires_at: expiresAt };
      if (!(await isDuplicate(db.insertInto("used_webauthn_challenges").values(row).execute()))) return "now";
      const [used] = await selectUsed(db, { challengeHash: hash });
      return used?.used_by === by ? "in_earlier_run" : undefined;
    },

    /** By which id authenticators know an account; made when it is first asked for. */
    async userHandle(accountId: string): Promise<Buffer> {
      const known = await findUserHandle(accountId);
      if (known) return known;
      const row = { user_id: accountId, handle: randomBytes(handleBytes) };
      if (!(await isDuplicate(db.insertInto("user_handles").values(row).execute()))) return row.handle;
      return (await findUserHandle(accountId)) ?? row.handle;
    },

    findUserHandle,
  };
}

/** What a passkey has shown, and what it counts as from now on. */
export type PasskeyUse = { readonly id: string } & {
  readonly [Member in keyof VerifiedAssertion]: VerifiedAssertion[Member];
};

/** Random, so that a handle tells nothing of the account, and nobody has another one's. */
const handleBytes = 32;

const select = prepared((db: PasskeyQueries, param: ParameterOf<{ credentialHash: Buffer }>) =>
  db
    .selectFrom("passkeys")
    .innerJoin("user_handles", "user_handles.user_id", "passkeys.user_id")
    .select([
      "passkeys.id",
      "passkeys.user_id",
      "public_key",
      "sign_count",
      "is_backup_eligible",
      "is_user_verified",
      "handle",
    ])
    .where("credential_hash", "=", param("credentialHash")),
);

const selectUsed = prepared((db: PasskeyQueries, param: ParameterOf<{ challengeHash: Buffer }>) =>
  db.selectFrom("used_webauthn_challenges").select("used_by").where("challenge_hash", "=", param("challengeHash")),
);

const use = prepared((db: PasskeyQueries, param: ParameterOf<PasskeyUse & { now: Date }>) =>
  db
    .updateTable("passkeys")
    .set({
      sign_count: param("signCount"),
      is_backed_up: param("isBackedUp"),
      is_user_verified: param("isUserVerified"),
      last_used_at: param("now"),
    })
    .where("id", "=", param("id"))
    .where((row) =>
      row.or([
        row("sign_count", "<", param("signCount")),
        // An authenticator that does not count says 0 each time.
        row.and([row("sign_count", "=", 0), row(row.val(param("signCount")), "=", 0)]),
      ]),
    )
    .returning("id"),
);
