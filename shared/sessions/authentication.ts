import { addSeconds } from "../platform/clock.ts";
import { ApiError } from "../platform/errors/api-error.ts";

/**
 * How people prove who they are, as access tokens state it (RFC 8176): by a password, by the code of an app, by a key that
 * they hold, with a gesture that shows somebody to be there, and by more than one factor. Whether a key is in hardware
 * (`hwk`) or not (`swk`) only an attestation could tell. `mca` is more than one channel: a mailbox is one, and no factor.
 */
export type AuthenticationMethod = "pwd" | "otp" | "pop" | "user" | "mfa" | "mca";

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

/** The methods that are left to a session whose account has no second factor any more. */
export function withoutSecondFactor(methods: readonly AuthenticationMethod[]): readonly AuthenticationMethod[] {
  return methods.filter((method) => method !== "otp" && method !== "mfa");
}

/**
 * The methods that are left to a session whose account has no passkey any more. A code of an app still makes it one of two
 * factors; a recovery code leaves no trace of its own, so such a session has to show a factor again.
 */
export function withoutPasskey(methods: readonly AuthenticationMethod[]): readonly AuthenticationMethod[] {
  if (!methods.includes("pop")) return methods;
  const left = methods.filter((method) => method !== "pop" && method !== "user");
  return left.includes("otp") ? left : left.filter((method) => method !== "mfa");
}

/** The levels (`acr`) that these methods reach, as access tokens name them, the highest last. */
export function levelsOf(methods: readonly AuthenticationMethod[]): readonly Level[] {
  if (!methods.includes("mfa")) return ["aal1"];
  return methods.includes("pop") ? levels : ["aal1", "aal2"];
}

export const levels = ["aal1", "aal2", "phr"] as const;
export type Level = (typeof levels)[number];

/** How sure one wants to be of a person: RFC 9470. */
export interface Demand {
  /** The age that an authentication may have. */
  readonly maxAgeSeconds?: number | undefined;
  /** The levels of which one must be reached; undefined if any will do. */
  readonly levels?: readonly Level[] | undefined;
}

/** @param isPasskeyFactor whether an account without an app has a passkey that the service takes for its second factor */
export function createDemands(isPasskeyFactor: (accountId: string) => Promise<boolean>) {
  return {
    /**
     * What a change of how an account is signed in to demands: the strongest that the account has, and lately. A session that
     * began before the account had a second factor may be of whom the factor is to keep out.
     */
    async demandOf(account: Demanded, maxAgeSeconds?: number): Promise<Demand> {
      const hasFactor = account.mfa_since !== null || (await isPasskeyFactor(account.id));
      return { maxAgeSeconds, levels: hasFactor ? ["aal2"] : undefined };
    },
  };
}

export type Demands = ReturnType<typeof createDemands>;

interface Demanded {
  readonly id: string;
  readonly mfa_since: Date | null;
}

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
