import { createCodeHasher } from "../platform/crypto/short-codes.ts";
import type { Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { createChallengeQueries } from "./challenges.ts";
import { createEmailCodeQueries } from "./email-codes.ts";
import { createRecoveryCodeQueries } from "./recovery-code-queries.ts";
import { createTotpSecrets } from "./secrets.ts";
import { createRememberTokens } from "./remember-tokens.ts";
import { createRememberedDeviceQueries } from "./remembered-device-queries.ts";
import type {
  MfaChallengesTable,
  MfaQueries,
  RecoveryCodesTable,
  RememberedDevicesTable,
  TotpFactorsTable,
} from "./tables.ts";
import { createTotpNightlyQueries } from "./totp-nightly-queries.ts";
import { createTotpQueries } from "./totp-queries.ts";
import { createTotpUpkeepQueries } from "./totp-upkeep-queries.ts";

/** What may be shown after the first factor: the code of an authenticator app, a recovery code, a code from a mail, or a passkey. */
export type SecondFactor = CodeFactor | "passkey";

/** A second factor whose code is typed. */
export type CodeFactor = "totp" | "recovery" | "email";

export type MfaStore = ReturnType<ReturnType<typeof createMfa>>;

/** @returns a function that creates the queries on second factors for a connection */
export function createMfa({
  secretKey,
  previousSecretKey,
}: {
  secretKey: string;
  previousSecretKey: string | undefined;
}) {
  const secrets = createTotpSecrets(secretKey, previousSecretKey);
  const rememberTokens = createRememberTokens(secretKey, previousSecretKey);
  const codes = createCodeHasher({ purpose: "mailed codes of sign-ins v1", secretKey, previousSecretKey });
  return (queries: Queries) => {
    const db = queries.withTables<{
      totp_factors: TotpFactorsTable;
      recovery_codes: RecoveryCodesTable;
      mfa_challenges: MfaChallengesTable;
      remembered_devices: RememberedDevicesTable;
    }>();
    const [recoveryCodes, challenges] = [createRecoveryCodeQueries(db), createChallengeQueries(db)];
    const rememberedDevices = createRememberedDeviceQueries(db, rememberTokens);
    return {
      /** Authenticator apps. */
      totp: {
        ...createTotpQueries(db, secrets),
        ...createTotpUpkeepQueries(db),
        ...createTotpNightlyQueries(db, secrets),
      },
      recoveryCodes,
      /** Codes by mail. */
      emailCodes: createEmailCodeQueries(db, codes),
      /** Sign-ins that wait for their second factor. */
      challenges,
      /** Devices on which a sign-in needs no second factor for a time. */
      rememberedDevices,

      /** What an account itself has to show after the first factor. */
      async secondFactors(accountId: string): Promise<SecondFactor[]> {
        const [row] = await countFactors(db, { accountId });
        return [
          ...((row?.apps ?? 0) > 0 ? ["totp" as const] : []),
          ...((row?.codes ?? 0) > 0 ? ["recovery" as const] : []),
        ];
      },

      /**
       * Ends what a first factor has led to, or what a second one has been remembered by: the account's way in has changed,
       * or somebody else may have had it. Travels with the next statement.
       */
      async endSignIns(accountId: string): Promise<void> {
        await challenges.endAll(accountId);
        await rememberedDevices.endAll(accountId);
      },

      /** Removes all of an account. Travels with the next statement. */
      async removeAll(accountId: string): Promise<void> {
        await challenges.endAll(accountId);
        await rememberedDevices.endAll(accountId);
        await recoveryCodes.removeAll(accountId);
        await removeFactors.later(db, { accountId });
      },
    };
  };
}

const countFactors = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db.selectNoFrom((query) => [
    query
      .selectFrom("totp_factors")
      .select((each) => each.fn.countAll<number>().as("count"))
      .where("user_id", "=", param("accountId"))
      .where("confirmed_at", "is not", null)
      .as("apps"),
    query
      .selectFrom("recovery_codes")
      .select((each) => each.fn.countAll<number>().as("count"))
      .where("user_id", "=", param("accountId"))
      .where("used_at", "is", null)
      .as("codes"),
  ]),
);

const removeFactors = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("totp_factors").where("user_id", "=", param("accountId")),
);
