import type { ListedPasskey } from "./upkeep-queries.ts";
import { challengeSeconds } from "./challenges.ts";
import { algorithms } from "./public-key.ts";

/** Who a passkey is for, as the authenticator shows and keeps it. */
export interface PasskeyUser {
  readonly handle: Buffer;
  /** What tells the account from others of the person. */
  readonly name: string;
  readonly displayName: string;
}

/** What authenticators show of an account. */
export const namesOf = ({ email, username, name }: Named) => ({
  name: email ?? username,
  displayName: name ?? username,
});

interface Named {
  readonly email: string | null;
  readonly username: string;
  readonly name: string | null;
}

const timeout = 1000 * challengeSeconds;

/**
 * What a browser needs to make a passkey: `PublicKeyCredentialCreationOptionsJSON` (WebAuthn level 3, section 5.1.8).
 * @param passkeys those that the account has: an authenticator with one of them makes no other
 */
export function creationOptions({ rp, user, challenge, passkeys }: CreationRequest) {
  return {
    rp,
    user: { id: user.handle.toString("base64url"), name: user.name, displayName: user.displayName },
    challenge,
    pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key" as const, alg })),
    timeout,
    excludeCredentials: passkeys.map(toDescriptor),
    authenticatorSelection: {
      residentKey: "preferred" as const,
      requireResidentKey: false,
      userVerification: "preferred" as const,
    },
    attestation: "none" as const,
    // Whether the passkey can sign in without a name being typed.
    extensions: { credProps: true },
  };
}

export interface CreationRequest {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: PasskeyUser;
  readonly challenge: string;
  readonly passkeys: readonly ListedPasskey[];
}

/**
 * What a browser needs to ask for a passkey: `PublicKeyCredentialRequestOptionsJSON` (section 5.1.9).
 * @param passkeys which ones; none for any that the person has for this domain
 */
export function requestOptions({ rpId, challenge, passkeys }: SignatureRequest) {
  const userVerification = "preferred" as const;
  return { challenge, rpId, timeout, userVerification, allowCredentials: passkeys.map(toDescriptor) };
}

export interface SignatureRequest {
  readonly rpId: string;
  readonly challenge: string;
  readonly passkeys: readonly ListedPasskey[];
}

function toDescriptor({ credential_id: id, transports }: ListedPasskey) {
  return { type: "public-key" as const, id: id.toString("base64url"), transports };
}
