import type { Kysely } from "kysely";

/** A row of `sign_in_failures`: see `Subjects`. */
export interface SignInFailuresTable {
  subject: Buffer;
  user_id: string | null;
  network: Buffer | null;
  password_mark: number | null;
  failures: number;
  failed_at: Date;
  attempt_id: string;
  notice_id: string;
  noticed_at: Date;
}

/** The table that this folder may query. */
export type FailureQueries = Kysely<{ sign_in_failures: SignInFailuresTable }>;
