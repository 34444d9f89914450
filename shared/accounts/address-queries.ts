import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { formsOf, normaliseEmail } from "./email.ts";
import type { UserQueries } from "./tables.ts";

const columns = [
  "id",
  "email",
  "email_normalised",
  "email_verified_at",
  "is_active",
  "password_hash",
  "password_parameters",
  "password_changed_at",
] as const;

/**
 * The row that an address means, in one round trip. An account whose address still has its former form is found too: it comes
 * from an older release, or another account has the form of today. Then the spelling that was typed decides.
 */
export async function findByAddress(db: UserQueries, email: string) {
  const forms = formsOf(email);
  const [form = "", ...others] = forms;
  if (others.length === 0) return (await selectByForm(db, { form }))[0];
  const any = others.reduce((query, text) => query.unionAll(withForm(db, text)), withForm(db, form));
  const rows = (await any.execute()).filter((row) => means(row, email));
  return rows.toSorted((one, other) => forms.indexOf(rankOf(one)) - forms.indexOf(rankOf(other)))[0];
}

const withForm = (db: UserQueries, form: string) =>
  db.selectFrom("users").select(columns).where("email_normalised", "=", form);

const selectByForm = prepared((db: UserQueries, param: ParameterOf<{ form: string }>) => withForm(db, param("form")));

/** Whether an account has this address in a former form, which the unique index does not tell from a free one. */
export async function isTakenFormerly(db: UserQueries, email: string | null): Promise<boolean> {
  const former = email === null ? [] : formsOf(email).filter((text) => text !== normaliseEmail(email));
  if (email === null || former.length === 0) return false;
  const held = db.selectFrom("users").select("email").where("email_normalised", "in", former);
  return (await held.execute()).some((row) => means(row, email));
}

const rankOf = ({ email_normalised: form }: { email_normalised: string | null }): string => form ?? "";

/** The former rules took some domains for one that are two, such as those with either sigma. */
function means(row: { email: string | null }, email: string): boolean {
  return row.email !== null && normaliseEmail(row.email) === normaliseEmail(email);
}
