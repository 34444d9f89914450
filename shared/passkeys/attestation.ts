import { bytesOf, credentialIdOf, orFault, PasskeyFault, type CreatedCredential, type Places } from "./credential.ts";
import { algorithmOf, algorithms, type CoseKey, type PasskeyAlgorithm } from "./public-key.ts";

/** A new credential whose attestation has been verified. */
export interface VerifiedCredential {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly algorithm: PasskeyAlgorithm;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
  readonly isUserVerified: boolean;
  readonly aaguid: string;
}

/**
 * Verifies a new credential (WebAuthn level 3, section 7.1), whose challenge was ours.
 * @param isConditional whether the browser may have made it without a gesture of the person
 * @throws PasskeyFault
 */
export function verifyAttestation(
  credential: CreatedCredential,
  { rpId, origins, challenge, isConditional }: Places & { challenge: string; isConditional: boolean },
): Promise<VerifiedCredential> {
  const { id, rawId, type, response } = credential;
  const credentialId = credentialIdOf(credential);
  return orFault(async () => {
    const attestationObject = await withoutCertificates(response.attestationObject);
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response: {
        id,
        rawId,
        type,
        response: { ...response, attestationObject, transports: [] },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserPresence: !isConditional,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...algorithms],
    });
    if (!verified) throw new PasskeyFault("the attestation is wrong");
    const { credential: made } = info;
    if (made.publicKey.length > mostKeyBytes) throw new PasskeyFault("the public key is longer than any of ours");
    if (made.id !== id) throw new PasskeyFault("the attestation is of another credential");
    const { decodeCredentialPublicKey } = await import("@simplewebauthn/server/helpers");
    return {
      credentialId,
      publicKey: Buffer.from(made.publicKey),
      algorithm: algorithmOf(decodeCredentialPublicKey(made.publicKey) as unknown as CoseKey),
      signCount: made.counter,
      transports: (response.transports ?? []).filter((each) => transports.has(each)),
      isBackupEligible: info.credentialDeviceType === "multiDevice",
      isBackedUp: info.credentialBackedUp,
      isUserVerified: info.userVerified,
      aaguid: info.aaguid,
    };
  });
}

/** An RSA key of 4096 bits has 526 bytes; the column has 1,000. Members that we do not know are signed along, and so are kept. */
const mostKeyBytes = 1000;

/** WebAuthn level 3, section 5.8.4, and what Chrome says of passkeys on a phone. */
const transports = new Set(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]);

/**
 * An attestation as far as it is verified: one that says nothing of the authenticator, as we ask for it, and one that the
 * credential signs itself. Some authenticators send certificates all the same. What they say is of no use here, and whoever
 * sends them would choose what the library parses, and where it looks for lists of revoked ones: so they are left out.
 */
async function withoutCertificates(encoded: string): Promise<string> {
  const { decodeAttestationObject, decodeCredentialPublicKey, isoCBOR, parseAuthenticatorData } =
    await import("@simplewebauthn/server/helpers");
  const attestation = decodeAttestationObject(new Uint8Array(bytesOf(encoded)));
  const [format, statement, authData] = [
    attestation.get("fmt"),
    attestation.get("attStmt"),
    attestation.get("authData"),
  ];
  if (format === "none") return encoded;
  const { credentialPublicKey } = parseAuthenticatorData(authData);
  const algorithm = credentialPublicKey && decodeCredentialPublicKey(credentialPublicKey).get(3);
  if (format === "packed" && statement.get("x5c") === undefined) {
    if (statement.get("alg") === algorithm) return encoded;
    throw new PasskeyFault("the attestation is of another algorithm than its key");
  }
  const parts = [
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", authData],
  ] as const;
  return Buffer.from(isoCBOR.encode(new Map<string, never>(parts as never))).toString("base64url");
}
