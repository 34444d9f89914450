import { addSeconds } from "../platform/clock.ts";
import { ApiError } from "../platform/errors/api-error.ts";

/**
 * How people prove who they are, as access tokens state it (RFC 8176): by a password, by the code of an app, by more than
 * one factor, and over more than one channel, which a mailbox is and a factor is not.
 */
export type AuthenticationMethod = "pwd" | "otp" | "mfa" | "mca";

/** When the person behind a session last proved who they are, and how. */
export interface Authentication {
  readonly at: Date;
  /** A sign-in at a provider, and a recovery code, add nothing: RFC 8176 has no values for them. */
  readonly methods: readonly AuthenticationMethod[];
}

/** An authentication as columns of a session. */
export function toColumns({ at, methods }: Authentication): { authenticated_at: Date; amr: string } {
  return { authenticated_at: at, amr: methods.join(" ") };
}

/** @param beganAt when the session began: an earlier release recorded nothing else */
export function fromColumns(
  { authenticated_at: at, amr }: { authenticated_at: Date | null; amr: string | null },
  beganAt: Date,
): Authentication {
  return { at: at ?? beganAt, methods: amr ? (amr.split(" ") as AuthenticationMethod[]) : [] };
}

/** The methods of two proofs of one session together, each once. */
export function joined(
  one: readonly AuthenticationMethod[],
  other: readonly AuthenticationMethod[],
): readonly AuthenticationMethod[] {
  return [...new Set([...one, ...other])];
}

/** Whether an authentication is recent enough to change sign-in methods. */
export function isFresh(at: Date, maxAgeSeconds: number, now: Date): boolean {
  return now <= addSeconds(at, maxAgeSeconds);
}

/** The error that asks for another authentication, in the words of RFC 9470, section 3. */
export function reauthenticationRequired(maxAgeSeconds: number): ApiError {
  const challenge = `Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required", max_age="${maxAgeSeconds}"`;
  return new ApiError("REAUTHENTICATION_REQUIRED", {
    details: { max_age_seconds: maxAgeSeconds },
    headers: { "WWW-Authenticate": challenge },
  });
}
