import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import type { ChallengeUse } from "../../passkeys/challenges.ts";
import { requestOptions } from "../../passkeys/options.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Stores } from "../../stores.ts";
import { placesOf } from "./passkey-domain.ts";

export const secondFactorOptionsCodes = ["MFA_TOKEN_INVALID", "NO_SECOND_FACTOR"] as const;
export const stepUpOptionsCodes = ["NO_SECOND_FACTOR"] as const;
const refuse = refusing([...secondFactorOptionsCodes, ...stepUpOptionsCodes]);

type Options = ReturnType<typeof requestOptions>;

/** What a passkey's challenge must be good for that completes a sign-in. */
export const forSignIn = ({ tokenHash }: Pick<Challenge, "tokenHash">): ChallengeUse => ({
  kind: "second_factor",
  subject: tokenHash.toString("base64url"),
});

/** The same for a person who is signed in. */
export const forSession = (sessionId: string): ChallengeUse => ({ kind: "step_up", subject: sessionId });

/**
 * Whether a passkey may follow this first factor: another passkey is no second one, since both are something that the
 * person has.
 */
export const mayFollow = (methods: readonly string[]): boolean => !methods.includes("pop");

/** Whether an account has a passkey that can be shown: without a domain there are none. */
export const hasPasskey = async (
  { services: { config } }: Pick<CallContext, "services">,
  { passkeys }: Pick<Stores, "passkeys">,
  accountId: string,
): Promise<boolean> => config.passkeys.rpId !== undefined && passkeys.hasAny(accountId);

/**
 * What a browser needs to show one of the account's passkeys as a second factor. Whoever has shown the first one may know
 * their ids: keys that do not keep passkeys themselves work by them alone.
 * @throws ApiError MFA_TOKEN_INVALID; NO_SECOND_FACTOR if the account has no passkey, or one was the first factor;
 * DATABASE_UNAVAILABLE
 */
export async function secondFactorOptions(
  context: CallContext,
  { mfaToken: token, device: text }: { mfaToken: string; device: string | undefined },
): Promise<Options> {
  const { services, now } = context;
  const device = services.devices.recognise(text);
  const presented = device && ({ token, purpose: "sign_in", deviceHash: device.hash } as const);
  const challenge = presented && (await services.mfa.challenges.find(presented, now));
  if (!challenge) throw refuse("MFA_TOKEN_INVALID");
  const { accountId, methods } = challenge;
  if (!mayFollow(methods)) throw refuse("NO_SECOND_FACTOR", { about: { accountId } });
  return options(context, accountId, forSignIn(challenge));
}

/**
 * What a browser needs to show one of the passkeys of the person who is signed in.
 * @throws ApiError NO_SECOND_FACTOR if there is none, or DATABASE_UNAVAILABLE
 */
export function stepUpOptions(context: CallContext, { account, sessionId }: Principal): Promise<Options> {
  return options(context, account.id, forSession(sessionId));
}

async function options(context: CallContext, accountId: string, use: ChallengeUse): Promise<Options> {
  const { services, now } = context;
  const { rpId } = placesOf(context);
  const passkeys = await services.passkeys.list(accountId);
  if (passkeys.length === 0) throw refuse("NO_SECOND_FACTOR", { about: { accountId } });
  const { challenge } = services.passkeys.challenges.issue(use, now);
  return requestOptions({ rpId, challenge, passkeys });
}
