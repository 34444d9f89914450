import { repeatable } from "../platform/database/budget.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { fromColumns, toColumns, type Authentication } from "./authentication.ts";
import type { EndReason, PrincipalAccount, SessionQueries } from "./tables.ts";

/** Who is calling: a live session and its active account, read together. */
export interface Principal {
  readonly sessionId: string;
  /** The place of the session among those of the status list; null for a session from before there was a list. */
  readonly statusIndex: number | null;
  /** The absolute limit. */
  readonly sessionExpiresAt: Date;
  readonly authentication: Authentication;
  readonly account: PrincipalAccount;
}

/** The live session with this id; undefined when it is over or the account inactive. */
export async function findLive(db: SessionQueries, sessionId: string, now: Date): Promise<Principal | undefined> {
  const [row] = await selectLive(db, { sessionId, now });
  if (!row) return undefined;
  const { expires_at: sessionExpiresAt, status_index: statusIndex, began_at: beganAt, ...rest } = row;
  const { authenticated_at, amr, ...account } = rest;
  const authentication = fromColumns({ authenticated_at, amr }, beganAt);
  return { sessionId, statusIndex, sessionExpiresAt, authentication, account };
}

const selectLive = prepared((db: SessionQueries, param: ParameterOf<{ sessionId: string; now: Date }>) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(["authenticated_at", "amr", "sessions.created_at as began_at"])
    .select(["sessions.expires_at", "status_index", "users.id", "email", "email_verified_at", "username", "name"])
    .select(["picture", "provider", "is_active", "users.created_at", "updated_at", "last_login_at"])
    .where("sessions.id", "=", param("sessionId"))
    .where("sessions.ended_at", "is", null)
    .where("sessions.expires_at", ">", param("now"))
    .where("users.is_active", "=", true),
);

/** Notes that the person of a session has proven again who they are. */
export async function noteAuthentication(
  db: SessionQueries,
  { sessionId, authentication }: { sessionId: string; authentication: Authentication },
): Promise<void> {
  await db.updateTable("sessions").set(toColumns(authentication)).where("id", "=", sessionId).execute();
}

/** Ends a session. @returns whether it was this call that ended it */
export async function end(
  db: SessionQueries,
  { sessionId, reason }: { sessionId: string; reason: EndReason },
  now: Date,
): Promise<boolean> {
  const update = db
    .updateTable("sessions")
    .set({ ended_at: now, end_reason: reason })
    .where("id", "=", sessionId)
    .where("ended_at", "is", null)
    .returning("id");
  return (await repeatable(() => update.executeTakeFirst())) !== undefined;
}

/** The sessions of an account, all but those named. */
export interface AccountSessions {
  readonly accountId: string;
  readonly except?: readonly string[];
  /** Why they end: by a logout unless given. */
  readonly reason?: EndReason;
}

/** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
export async function endAll(
  db: SessionQueries,
  { accountId, except = [], reason = "logout" }: AccountSessions,
  now: Date,
): Promise<string[]> {
  const live = db
    .updateTable("sessions")
    .set({ ended_at: now, end_reason: reason })
    .where("user_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", now);
  const others = except.length > 0 ? live.where("id", "not in", except) : live;
  return (await repeatable(() => others.returning("id").execute())).map(({ id }) => id);
}
