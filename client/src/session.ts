import type { SignIn, User } from "./api.ts";
import { LatchkeyError } from "./errors.ts";

/** Someone is signed in. */
export interface Session {
  readonly user: User;
  readonly accessToken: string;
  /** Lifetime of the access token, in seconds. */
  readonly expiresInSeconds: number;
  /** When the token was requested, in milliseconds of the device's clock; only differences are meaningful. */
  readonly since: number;
}

/** @param askedAt when the request was sent: the token is no older than that @throws LatchkeyError */
export function toSession({ user, access_token, expires_in }: SignIn, askedAt: number): Session {
  if (!(expires_in > 0)) throw new LatchkeyError("UNEXPECTED_ANSWER", "The answer has no token lifetime");
  return { user, accessToken: access_token, expiresInSeconds: expires_in, since: askedAt };
}

/**
 * How long before the token's end the renewal begins, at least: a tenth of its life, at most a minute; `dueInMs` adds
 * as much again at random.
 */
function leadMs({ expiresInSeconds }: Session): number {
  return Math.min(60, expiresInSeconds / 10) * 1000;
}

/** Milliseconds since the token was requested; infinite if the clock was set back. */
function ageMs({ since }: Session, now: number): number {
  return now < since ? Infinity : now - since;
}

/** How long the token remains valid, in milliseconds. */
export function remainingMs(session: Session, now: number): number {
  return Math.max(0, session.expiresInSeconds * 1000 - ageMs(session, now));
}

/**
 * Milliseconds until the token should be renewed. @param jitter of this tab, 0 to 1, so that tabs and clients do not
 * all renew at once
 */
export function dueInMs(session: Session, now: number, jitter: number): number {
  return Math.max(0, remainingMs(session, now) - leadMs(session) * (1 + jitter));
}

/** Turns a sign-in into a session whose time counts from the request. */
export async function timed<T extends SignIn | undefined>(signingIn: () => Promise<T>): Promise<SessionOf<T>> {
  const askedAt = Date.now();
  const signIn = await signingIn();
  return (signIn && toSession(signIn, askedAt)) as SessionOf<T>;
}
type SessionOf<T> = T extends undefined ? undefined : Session;
