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

/** The levels (`acr`) that these methods reach, as access tokens name them, the highest last. */
export const levelsOf = (methods: readonly AuthenticationMethod[]): readonly Level[] =>
  methods.includes("mfa") ? levels : ["aal1"];

export const levels = ["aal1", "aal2"] as const;
export type Level = (typeof levels)[number];

/** How sure one wants to be of a person: RFC 9470. */
export interface Demand {
  /** The age that an authentication may have. */
  readonly maxAgeSeconds?: number | undefined;
  /** The levels of which one must be reached; undefined if any will do. */
  readonly levels?: readonly Level[] | undefined;
}

/** What a change of how an account is signed in to demands: the strongest that the account has, and lately. */
export const demandOf = (account: { readonly mfa_since: Date | null }, maxAgeSeconds?: number): Demand => ({
  maxAgeSeconds,
  levels: account.mfa_since === null ? undefined : ["aal2"],
});

/** @throws ApiError REAUTHENTICATION_REQUIRED if an authentication does not meet a demand; `at` is that of its level */
export function requireMet({ at, methods }: Authentication, demand: Demand, now: Date): void {
  const { maxAgeSeconds, levels: wanted } = demand;
  const reached = levelsOf(methods);
  const isHighEnough = wanted === undefined || wanted.some((level) => reached.includes(level));
  if (!isHighEnough || (maxAgeSeconds !== undefined && !isFresh(at, maxAgeSeconds, now)))
    throw reauthenticationRequired(demand);
}

/** Whether an authentication is recent enough. */
export function isFresh(at: Date, maxAgeSeconds: number, now: Date): boolean {
  return now <= addSeconds(at, maxAgeSeconds);
}

/** The error that asks for another authentication, in the words of RFC 9470, section 3. */
export function reauthenticationRequired({ maxAgeSeconds, levels: wanted }: Demand): ApiError {
  const acrValues = wanted?.join(" ");
  const challenge = [
    'Bearer error="insufficient_user_authentication"',
    `error_description="${acrValues === undefined ? "A more recent authentication is required" : "A second factor is required"}"`,
    ...(acrValues === undefined ? [] : [`acr_values="${acrValues}"`]),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ].join(", ");
  return new ApiError("REAUTHENTICATION_REQUIRED", {
    details: {
      ...(maxAgeSeconds !== undefined && { max_age_seconds: maxAgeSeconds }),
      ...(acrValues !== undefined && { acr_values: acrValues }),
    },
    headers: { "WWW-Authenticate": challenge },
  });
}
