import type { SignIn, User } from "./api.ts";
import { LatchkeyError } from "./errors.ts";

/** Somebody is signed in. */
export interface Session {
  readonly user: User;
  readonly accessToken: string;
  /** Lifetime of the access token from its arrival, in seconds. */
  readonly expiresInSeconds: number;
  /** When it was asked for, in milliseconds of the device's clock; only differences of that clock mean anything. */
  readonly since: number;
}

/** @param askedAt when the request was sent: the token is no older than that */
export function toSession({ user, access_token, expires_in }: SignIn, askedAt: number): Session {
  if (!(expires_in > 0)) throw new LatchkeyError("UNEXPECTED_ANSWER", "The service's answer has no token lifetime");
  return { user, accessToken: access_token, expiresInSeconds: expires_in, since: askedAt };
}

/** A session is renewed in the last fifth of its token's life, within its last two minutes. */
function leadMs({ expiresInSeconds }: Session): number {
  return Math.min(60, expiresInSeconds / 10) * 1000;
}

/** Milliseconds since the token was asked for; a clock that was set back makes it as old as can be. */
function ageMs({ since }: Session, now: number): number {
  return now < since ? Infinity : now - since;
}

/** How long from now the token is good for, in milliseconds. */
export function remainingMs(session: Session, now: number): number {
  return Math.max(0, session.expiresInSeconds * 1000 - ageMs(session, now));
}

/** How long from now until the token should be renewed. @param jitter of this tab, 0 to 1, so that not all come at once */
export function dueInMs(session: Session, now: number, jitter: number): number {
  return Math.max(0, remainingMs(session, now) - leadMs(session) * (1 + jitter));
}

/** A sign-in as a session, which began when it was asked for. */
export async function timed<T extends SignIn | undefined>(signingIn: () => Promise<T>): Promise<SessionOf<T>> {
  const askedAt = Date.now();
  const signIn = await signingIn();
  return (signIn && toSession(signIn, askedAt)) as SessionOf<T>;
}
type SessionOf<T> = T extends undefined ? undefined : Session;
