import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { normaliseEmail, type NormalisedEmail } from "./email.ts";
import {
  addressColumns,
  passwordColumns,
  type HashedPassword,
  type RegistrationQueries,
  type RegistrationsTable,
} from "./tables.ts";

/** A registration that waits for its address to be proven. The caller chooses a random id. */
export interface Registration extends HashedPassword<string> {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  /** The language to write to the person in, a BCP 47 tag. */
  readonly locale: string;
}

/**
 * The queries on `registrations`; part of the account store. Several registrations may have the same address: an
 * unproven address belongs to nobody.
 */
export function createRegistrationQueries(db: RegistrationQueries) {
  return {
    /**
     * Keeps a registration for 7 days; not a second time if there is one with its id, and not if 20 wait for the same
     * address. Travels with the next statement.
     */
    async addRegistration({ id, email, username, locale, ...password }: Registration, now: Date): Promise<void> {
      const { email: given, email_normalised: emailNormalised } = addressColumns(email);
      const { password_parameters: parameters, password_unchecked_since: uncheckedSince } = passwordColumns(password);
      const hashed = { passwordHash: password.passwordHash, passwordParameters: parameters, uncheckedSince };
      const row = { id, email: given, emailNormalised, username, ...hashed, locale };
      await addOnce.later(db, { ...row, now, expiresAt: addSeconds(now, keptSeconds), most: mostWaiting });
    },

    /** Removes a registration, to complete it. @returns undefined if it is unknown, has expired or was ended */
    async takeRegistration(id: string, now: Date): Promise<Registration | undefined> {
      const [row] = await take(db, { id, now });
      return row && { ...row, passwordHash: row.password_hash, passwordUncheckedSince: row.password_unchecked_since };
    },

    /** Ends all registrations of an address, because it is proven. Travels with the next statement. */
    endRegistrations: (email: string): Promise<void> => endOfAddress.later(db, { form: normaliseEmail(email) }),

    /** Removes up to `limit` registrations that expired before `until`. @returns how many */
    async purgeRegistrations(limit: number, until: Date): Promise<number> {
      const expired = db.selectFrom("registrations").select("id").where("expires_at", "<=", until);
      const oldest = expired.orderBy("expires_at").limit(limit);
      const removal = db.deleteFrom("registrations").where("id", "in", oldest).returning("id");
      return (await removal.execute()).length;
    },
  };
}

/** Longer than a weekend. */
const keptSeconds = 7 * 24 * 60 * 60;

/** How many registrations of one address wait at most: anyone can add to them. Some more if they come at once. */
export const mostWaiting = 20;

const take = prepared((db: RegistrationQueries, param: ParameterOf<{ id: string; now: Date }>) =>
  db
    .deleteFrom("registrations")
    .where("id", "=", param("id"))
    .where("expires_at", ">", param("now"))
    .returning(["id", "email", "username", "password_hash", "password_unchecked_since", "locale"]),
);

const endOfAddress = prepared((db: RegistrationQueries, param: ParameterOf<{ form: NormalisedEmail }>) =>
  db.deleteFrom("registrations").where("email_normalised", "=", param("form")),
);

type NewRow = {
  id: string;
  email: string;
  emailNormalised: NormalisedEmail;
  username: string;
  passwordHash: string;
  passwordParameters: RegistrationsTable["password_parameters"];
  uncheckedSince: Date | null;
  locale: string;
  now: Date;
  expiresAt: Date;
  most: number;
};

/** The first condition is for a transaction that runs again after a commit whose answer was lost. */
const addOnce = prepared((db: RegistrationQueries, param: ParameterOf<NewRow>) =>
  db
    .insertInto("registrations")
    .columns([
      "id",
      "email",
      "email_normalised",
      "username",
      "password_hash",
      "password_parameters",
      "password_unchecked_since",
      "locale",
      "created_at",
      "expires_at",
    ])
    .expression(
      db
        .selectNoFrom((row) => [
          row.val(param("id")).as("id"),
          row.val(param("email")).as("email"),
          row.val(param("emailNormalised")).as("email_normalised"),
          row.val(param("username")).as("username"),
          row.val(param("passwordHash")).as("password_hash"),
          row.val(param("passwordParameters")).as("password_parameters"),
          row.val(param("uncheckedSince")).as("password_unchecked_since"),
          row.val(param("locale")).as("locale"),
          row.val(param("now")).as("created_at"),
          row.val(param("expiresAt")).as("expires_at"),
        ])
        .where((row) => row.not(row.exists(db.selectFrom("registrations").select("id").where("id", "=", param("id")))))
        .where((row) => {
          const waiting = db
            .selectFrom("registrations as other")
            .select((each) => each.fn.countAll<number>().as("count"))
            .where("other.email_normalised", "=", param("emailNormalised"))
            .where("other.expires_at", ">", param("now"));
          return row(waiting, "<", param("most"));
        }),
    ),
);
