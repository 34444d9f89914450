import { hash } from "node:crypto";
import { bytesOf, orFault, PasskeyFault, type Places, type ShownCredential } from "./credential.ts";

/** What of a passkey its signatures are verified with. */
export interface VerifyingKey {
  readonly publicKey: Buffer;
  readonly isBackupEligible: boolean;
}

/** What an authenticator has signed, besides the challenge. */
export interface VerifiedAssertion {
  readonly signCount: number;
  readonly isUserVerified: boolean;
  readonly isBackedUp: boolean;
}

/**
 * Verifies the signature of a passkey over a challenge of ours (WebAuthn level 3, section 7.2), but for its count, which
 * whoever uses the passkey judges.
 * @returns undefined if it is not that of this key, for whatever reason: an answer must not tell one key from another
 * @throws PasskeyFault if it is of no key for this purpose
 */
export async function verifyAssertion(
  { id, rawId, type, response }: ShownCredential,
  { rpId, origins, challenge, key }: Places & { challenge: string; key: VerifyingKey },
): Promise<VerifiedAssertion | undefined> {
  requireOurs(bytesOf(response.authenticatorData), rpId);
  bytesOf(response.signature);
  const { clientDataJSON, authenticatorData, signature } = response;
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const shown = { id, rawId, type, response: { clientDataJSON, authenticatorData, signature } };
  const verifying = orFault(() =>
    verifyAuthenticationResponse({
      response: { ...shown, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      // The library would refuse a count before it has looked at the signature.
      credential: { id, publicKey: new Uint8Array(key.publicKey), counter: 0 },
      requireUserVerification: false,
    }),
  );
  const result = await verifying.catch((error: unknown) => {
    if (error instanceof PasskeyFault) return undefined;
    throw error;
  });
  if (!result?.verified) return undefined;
  const { newCounter: signCount, userVerified, credentialDeviceType, credentialBackedUp } = result.authenticationInfo;
  // Section 7.2, step 20: it never changes.
  if ((credentialDeviceType === "multiDevice") !== key.isBackupEligible)
    throw new PasskeyFault("the authenticator says otherwise than before whether the passkey may be copied");
  return { signCount, isUserVerified: userVerified, isBackedUp: credentialBackedUp };
}

/** Refuses what an authenticator has signed for another domain, or without its user. @throws PasskeyFault */
function requireOurs(authenticatorData: Buffer, rpId: string): void {
  if (authenticatorData.length < 37) throw new PasskeyFault("the authenticator's data is malformed");
  if (!authenticatorData.subarray(0, 32).equals(hash("sha256", rpId, "buffer")))
    throw new PasskeyFault("the authenticator has signed for another domain");
  if ((authenticatorData.readUInt8(32) & userPresent) === 0) throw new PasskeyFault("the user was not present");
}

/** WebAuthn level 3, section 6.1. */
const userPresent = 0x01;

/** Whom a signature is verified with that names no passkey: so that it takes as long as one that does. */
export const nobodysKey: VerifyingKey = {
  // A COSE_Key of ES256 whose point is the curve's generator (FIPS 186-5); whoever signs with 1 signs for nobody.
  publicKey: Buffer.from(
    "a50102032620012158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296225820" +
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "hex",
  ),
  isBackupEligible: false,
};
