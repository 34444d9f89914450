import { hash } from "node:crypto";

/** What an authenticator has signed is not what was asked for, or is malformed. The message is for the log. */
export class PasskeyFault extends Error {
  override readonly name = "PasskeyFault";
}

/** A new credential, as `PublicKeyCredential.toJSON()` writes it (WebAuthn level 3, section 5.1). */
export interface CreatedCredential {
  readonly id: string;
  readonly rawId: string;
  readonly type: "public-key";
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | undefined;
  };
}

/** The answer of a credential to a challenge, in the same form. */
export interface ShownCredential {
  readonly id: string;
  readonly rawId: string;
  readonly type: "public-key";
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | null | undefined;
  };
}

/** What the browser has told the authenticator to sign. */
export interface ClientData {
  readonly challenge: string;
  readonly origin: string;
}

/** Where credentials come from. */
export interface Places {
  readonly rpId: string;
  readonly origins: readonly string[];
}

/**
 * Reads what the browser says of the ceremony, and checks it (WebAuthn level 3, sections 7.1 and 7.2) up to the challenge.
 * @throws PasskeyFault
 */
export function readClientData(
  encoded: string,
  { type, origins }: { type: "webauthn.create" | "webauthn.get"; origins: readonly string[] },
): ClientData {
  const data = parse(encoded);
  if (data["type"] !== type) throw new PasskeyFault("the ceremony is another one");
  const { challenge, origin, crossOrigin, topOrigin } = data;
  if (typeof challenge !== "string") throw new PasskeyFault("there is no challenge");
  if (typeof origin !== "string" || !origins.includes(origin)) throw new PasskeyFault("the origin is not listed");
  // A page that embeds one of ours could lead the person to a gesture.
  if ((crossOrigin ?? false) !== false || topOrigin !== undefined) throw new PasskeyFault("the page was embedded");
  return { challenge, origin };
}

function parse(encoded: string): Readonly<Record<string, unknown>> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(encoded));
    const data: unknown = JSON.parse(text);
    if (typeof data === "object" && data !== null) return data as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new PasskeyFault("clientDataJSON is malformed");
}

/** Bytes as base64url in its only spelling, without padding. @throws PasskeyFault */
export function bytesOf(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.toString("base64url") !== encoded) throw new PasskeyFault("a member is not base64url");
  return bytes;
}

/** The id of a credential. @throws PasskeyFault if it is malformed, or of a length that WebAuthn does not admit */
export function credentialIdOf({ id, rawId }: { id: string; rawId: string }): Buffer {
  const bytes = bytesOf(id);
  if (id !== rawId || bytes.length < leastIdBytes || bytes.length > mostIdBytes)
    throw new PasskeyFault("the id is malformed");
  return bytes;
}

/** WebAuthn level 3, section 4: at least 100 random bits, in 16 bytes. */
const leastIdBytes = 16;
const mostIdBytes = 1023;

/** By which credentials are found. */
export const hashOfId = (credentialId: Uint8Array): Buffer => hash("sha256", credentialId, "buffer");

/**
 * Does what only the library can, and calls whatever it throws a fault: its errors tell of what was sent, and what is
 * malformed makes it throw errors of all kinds.
 * @throws PasskeyFault
 */
export async function orFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PasskeyFault) throw error;
    throw new PasskeyFault("the authenticator's data is malformed or does not fit", { cause: error });
  }
}
