import type { Refusal } from "../../audit/refusal.ts";
import { nobodysKey, verifyAssertion, type VerifiedAssertion } from "../../passkeys/assertion.ts";
import type { ChallengeUse, OpenedChallenge } from "../../passkeys/challenges.ts";
import { credentialIdOf, PasskeyFault, readClientData, type ShownCredential } from "../../passkeys/credential.ts";
import type { KnownPasskey } from "../../passkeys/store.ts";
import type { CallContext } from "../../context.ts";
import type { Transaction } from "../../stores.ts";
import { placesOf } from "./passkey-domain.ts";

/** A passkey whose signature over a challenge of ours is right. */
export interface ShownPasskey extends VerifiedAssertion {
  readonly passkey: KnownPasskey;
  readonly challenge: OpenedChallenge;
  /** Whether it counts as two factors: the key, and what its authenticator has verified its user by. */
  readonly isTwoFactors: boolean;
}

/** Its count does not exceed the last one: there may be two authenticators with this key. */
export class CountReversed extends Error {
  override readonly name = "CountReversed";
  readonly shown: CountedPasskey;

  constructor(shown: CountedPasskey) {
    super("the count runs backwards");
    this.shown = shown;
  }
}

type CountedPasskey = Pick<ShownPasskey, "passkey" | "signCount">;

/**
 * Verifies what an authenticator has signed. Changes nothing: `useUpPasskey` does.
 * @param use what the challenge must be good for
 * @returns undefined if no account has the passkey, or it has not signed this: both take the same work
 * @throws PasskeyFault if the challenge is not ours, or the ceremony was another one; ApiError DATABASE_UNAVAILABLE
 */
export async function verifyPasskey(
  context: CallContext,
  { credential, use }: { credential: ShownCredential; use: ChallengeUse },
): Promise<ShownPasskey | undefined> {
  const { services, now } = context;
  const places = placesOf(context);
  const clientData = { type: "webauthn.get", origins: places.origins } as const;
  const { challenge: text } = readClientData(credential.response.clientDataJSON, clientData);
  const challenge = services.passkeys.challenges.open(text, [use], now);
  if (!challenge) throw new PasskeyFault("the challenge is not ours, or has expired");
  const passkey = await services.passkeys.find(credentialIdOf(credential));
  const key = passkey ?? nobodysKey;
  const assertion = await verifyAssertion(credential, { ...places, challenge: text, key });
  if (!passkey || !assertion || !isOwners(credential, passkey, use)) return undefined;
  // A key without a PIN takes one from whoever finds it: unless it verified its user when the passkey was made, that it does
  // now is not the owner's doing (WebAuthn level 3, section 7.2, step 26). One that a provider keeps on several devices is
  // behind their locks.
  const isTwoFactors = assertion.isUserVerified && (passkey.isUserVerified || passkey.isBackupEligible);
  return { ...assertion, passkey, challenge, isTwoFactors };
}

/** Whether the authenticator names the account as we do. Where it was not told which passkey to use, it must name it. */
function isOwners({ response }: ShownCredential, { userHandle }: KnownPasskey, { kind }: ChallengeUse): boolean {
  const named = response.userHandle ?? undefined;
  return named === undefined ? kind !== "sign_in" : named === userHandle.toString("base64url");
}

/**
 * Uses a shown passkey's challenge up and keeps its count, in the transaction of what it is shown for.
 * @param by a new id for each call, made outside the transaction
 * @returns false if the challenge was used before, or the passkey is gone: of racing calls one wins
 * @throws CountReversed, which must undo the transaction
 */
export async function useUpPasskey(
  tx: Transaction,
  { passkey, challenge, isTwoFactors, ...shown }: ShownPasskey,
  { by, now }: { by: string; now: Date },
): Promise<boolean> {
  const used = await tx.passkeys.useChallenge(challenge, by);
  if (used !== "now") return used !== undefined;
  const isUserVerified = passkey.isUserVerified || isTwoFactors;
  if (await tx.passkeys.use({ ...shown, id: passkey.id, isUserVerified }, now)) return true;
  // Its owner may have removed it in the meantime.
  if (await tx.passkeys.isThere(passkey.id)) throw new CountReversed({ ...shown, passkey });
  return false;
}

/**
 * Does what a passkey is shown for. If its count runs backwards, writes that down and raises an alarm, once the transaction
 * is undone.
 * @param refusal what the caller is then answered
 */
export async function orNoteCountReversed<T>(
  context: CallContext,
  refusal: () => Refusal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CountReversed)) throw error;
    const { passkey, signCount } = error.shown;
    const reason = `the authenticator says ${signCount}`;
    await context.services.audit.record(context, {
      type: "passkey.count_reversed",
      accountId: passkey.accountId,
      reason,
    });
    throw refusal();
  }
}
