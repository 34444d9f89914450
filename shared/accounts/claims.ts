import { sql, type Kysely } from "kysely";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { hashParameters } from "../platform/phc.ts";
import { chooseMeant, toHolder, type AddressHolder } from "./address-queries.ts";
import { formsOf, normaliseEmail, type NormalisedEmail } from "./email.ts";
import type { PasswordCredential } from "./sign-in-queries.ts";
import { isKnownDevice, isUnknownDevice, latelyOf, noDevice } from "./device-queries.ts";
import type { DevicesTable, RegistrationsTable, UsersTable } from "./tables.ts";

/** What an address leads to: an account, a registration that waits for its address to be proven, both, or neither. */
export interface Claims {
  readonly account: ClaimedAccount | undefined;
  /** The newest one. */
  readonly registration: ClaimedRegistration | undefined;
  /** Whether it is not the only one. */
  readonly hasOthers: boolean;
}

export type ClaimedAccount = AddressHolder &
  PasswordCredential & {
    /** Whether its owner is to be told of a sign-in from the device. */
    readonly isDeviceNew: boolean;
    /** Whether it was signed in to from the device before. */
    readonly isDeviceKnown: boolean;
    /** Whether signing in takes a second factor. */
    readonly hasMfa: boolean;
  };

export interface ClaimedRegistration {
  readonly id: string;
  readonly email: string;
  readonly emailNormalised: NormalisedEmail;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly locale: string | null;
}

/** Both tables in one query, so that no address costs more than another; part of the account store. */
export function createClaimQueries(db: ClaimQueries) {
  return {
    /**
     * What an address leads to.
     * @param deviceHash of the device that signs in, if one does: see `Device.hash`
     */
    async findClaims(email: string, now: Date, deviceHash: Buffer = noDevice): Promise<Claims> {
      const [form = "", ...others] = formsOf(email);
      const device = { deviceHash, lately: latelyOf(now) };
      const parameters = { form, registered: normaliseEmail(email), now, ...device };
      const all = () =>
        others.reduce(
          (query, other) => query.unionAll(accountsWith(db, { ...device, form: other })),
          claimsOn(db, parameters),
        );
      const rows = others.length === 0 ? await select(db, parameters) : await all().execute();
      const [account] = chooseMeant(
        rows.filter((row) => row.is_registration === 0),
        email,
      );
      const [registration, ...older] = rows
        .filter((row) => row.is_registration === 1)
        .toSorted((one, other) => other.created_at.getTime() - one.created_at.getTime());
      return {
        account: account && toAccount(account),
        registration: registration && toRegistration(registration),
        hasOthers: older.length > 0,
      };
    },
  };
}

type ClaimQueries = Kysely<{ users: UsersTable; registrations: RegistrationsTable; devices: DevicesTable }>;

const columns = [
  "id",
  "email",
  "email_normalised",
  "username",
  "locale",
  "password_hash",
  "password_parameters",
  "password_unchecked_since",
  "created_at",
] as const;

const accountsWith = (db: ClaimQueries, { form, ...device }: { form: string; deviceHash: Buffer; lately: Date }) =>
  db
    .selectFrom("users")
    .select([...columns, "email_verified_at", "is_active", "password_changed_at", "erase_at", "audit_id", "mfa_since"])
    .select((row) => [
      row.lit<number>(0).as("is_registration"),
      isUnknownDevice(db, device).as("is_device_new"),
      isKnownDevice(db, device).as("is_device_known"),
    ])
    .where("email_normalised", "=", form);

type Parameters = {
  readonly form: string;
  readonly registered: NormalisedEmail;
  readonly now: Date;
  readonly deviceHash: Buffer;
  readonly lately: Date;
};

/** The first branch decides the types of the columns. */
function claimsOn(db: ClaimQueries, { registered, now, ...account }: Parameters) {
  const newest = db
    .selectFrom("registrations")
    .select(columns)
    .where("email_normalised", "=", registered)
    .where("expires_at", ">", now)
    .orderBy("created_at", "desc")
    .limit(2)
    .as("newest");
  const registrations = db
    .selectFrom(newest)
    .select((row) => [
      "id",
      row.ref("email").$castTo<string | null>().as("email"),
      row.ref("email_normalised").$castTo<string | null>().as("email_normalised"),
      "username",
      row.ref("locale").$castTo<string | null>().as("locale"),
      row.ref("password_hash").$castTo<string | null>().as("password_hash"),
      "password_parameters",
      "password_unchecked_since",
      "created_at",
      sql<Date | null>`null`.as("email_verified_at"),
      sql<boolean>`cast(1 as bit)`.as("is_active"),
      sql<Date | null>`null`.as("password_changed_at"),
      sql<Date | null>`null`.as("erase_at"),
      sql<Date | null>`null`.as("mfa_since"),
      sql<string | null>`null`.as("audit_id"),
      row.lit<number>(1).as("is_registration"),
      row.lit<number>(0).as("is_device_new"),
      row.lit<number>(0).as("is_device_known"),
    ]);
  return accountsWith(db, account).unionAll(registrations);
}

const select = prepared((db: ClaimQueries, param: ParameterOf<Parameters>) =>
  claimsOn(db, {
    form: param("form"),
    registered: param("registered"),
    now: param("now"),
    deviceHash: param("deviceHash"),
    lately: param("lately"),
  }),
);

type ClaimRow = Awaited<ReturnType<typeof select>>[number];

function toAccount(row: ClaimRow): ClaimedAccount {
  const { password_hash: passwordHash, password_changed_at: passwordChangedAt } = row;
  const isCostNoted = passwordHash === null || hashParameters(passwordHash) === (row.password_parameters ?? undefined);
  const isUnchecked = row.password_unchecked_since !== null;
  const [isDeviceNew, isDeviceKnown] = [row.is_device_new === 1, row.is_device_known === 1];
  const state = { isUnchecked, isDeviceNew, isDeviceKnown, hasMfa: row.mfa_since !== null };
  return { ...toHolder(row), passwordHash, isCostNoted, passwordChangedAt, ...state };
}

function toRegistration({
  email,
  email_normalised: form,
  password_hash: passwordHash,
  ...row
}: ClaimRow): ClaimedRegistration {
  const { id, username, locale } = row;
  return { id, username, locale, passwordHash, email: email ?? "", emailNormalised: form ?? "" };
}
