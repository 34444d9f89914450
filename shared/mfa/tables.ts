import type { Kysely } from "kysely";

/** A row of `totp_factors`: an authenticator app. */
export interface TotpFactorsTable {
  id: string;
  user_id: string;
  /** What the person calls it; null if nothing. */
  name: string | null;
  /** The secret in base32, sealed under the id. */
  sealed_secret: Buffer;
  /** Which key sealed it: see `SealedSecret`. */
  key_mark: Buffer;
  created_at: Date;
  /** Null until a code has shown that the app has the secret. */
  confirmed_at: Date | null;
  /** The time step of the last code that was taken. */
  last_step: number | null;
  last_used_at: Date | null;
}

/** A row of `recovery_codes`. */
export interface RecoveryCodesTable {
  /** The SHA-256 of the code. */
  code_hash: Buffer;
  user_id: string;
  created_at: Date;
  used_at: Date | null;
}

/** What may be done with an `mfa_token`: go on signing in, or only enrol the factor that is missing. */
export type ChallengePurpose = "sign_in" | "enrolment";

/** A row of `mfa_challenges`: a sign-in that waits for its second factor. */
export interface MfaChallengesTable {
  /** The SHA-256 of the `mfa_token`. */
  token_hash: Buffer;
  user_id: string;
  purpose: ChallengePurpose;
  /** The device that showed the first factor. */
  device_hash: Buffer;
  /** Whether the account knew it: it was signed in to from there before. */
  is_device_known: boolean;
  /** When the first factor was shown. */
  authenticated_at: Date;
  /** The first factor's values of RFC 8176, separated by spaces. */
  amr: string;
  /** The provider that was the first factor, if one was. */
  provider: string | null;
  tries: number;
  /** The try that was counted last. */
  try_id: string;
  /** The code that was mailed last, under a keyed hash; null if none is open. */
  email_code_hash: Buffer | null;
  /** How many codes were mailed. */
  email_codes: number;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

/** A row of `remembered_devices`: a device on which a sign-in needs no second factor for a time. */
export interface RememberedDevicesTable {
  id: string;
  user_id: string;
  /** The SHA-256 of the random part of what the device keeps. */
  token_hash: Buffer;
  device_hash: Buffer;
  /** The factors that the account had then: `mfa_since` of its row, and how many apps. */
  mfa_since: Date;
  app_count: number;
  /** Where it was used from last. */
  user_agent: string | null;
  address: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

/** The tables that this folder may query. */
export type MfaQueries = Kysely<{
  totp_factors: TotpFactorsTable;
  recovery_codes: RecoveryCodesTable;
  mfa_challenges: MfaChallengesTable;
  remembered_devices: RememberedDevicesTable;
}>;
