import { hash } from "node:crypto";
import { randomToken } from "../platform/crypto/random.ts";
import { createSigner } from "../platform/crypto/signer.ts";

/** Whose second factor a device need not show again. */
export interface RememberedDevice {
  readonly accountId: string;
  /** See `Device.hash`. */
  readonly deviceHash: Buffer;
}

/** What a remembered device keeps. */
export interface RememberToken {
  /** A random token, and our signature of it, the account and the device. */
  readonly text: string;
  /** What the database keeps: the SHA-256 of the random token. */
  readonly tokenHash: Buffer;
}

/** The texts by which a device is remembered. */
export interface RememberTokens {
  /** A new one. Make it outside the transaction. */
  issue(device: RememberedDevice): RememberToken;
  /** The hash of a text's token; undefined if we have not signed it for this account on this device: no query tells more. */
  read(text: string | undefined, device: RememberedDevice): Buffer | undefined;
}

/** @param previousSecretKey reads texts from before `SECRET_KEY` was rotated */
export function createRememberTokens(secretKey: string, previousSecretKey?: string): RememberTokens {
  const signer = createSigner("remembered devices v1", secretKey, previousSecretKey);
  // The id and the hash are of fixed length: no two of these texts are the same.
  const signed = (token: string, { accountId, deviceHash }: RememberedDevice) =>
    `${token} ${accountId} ${deviceHash.toString("hex")}`;
  return {
    issue(device) {
      const token = randomToken();
      return { text: `${token}.${signer.sign(signed(token, device))}`, tokenHash: hash("sha256", token, "buffer") };
    },
    read(text, device) {
      const [token = "", signature = "", ...rest] = text?.length === textLength ? text.split(".") : [];
      const isOurs = rest.length === 0 && signer.isSigned(signed(token, device), signature);
      return isOurs ? hash("sha256", token, "buffer") : undefined;
    },
  };
}

/** Two values of 256 bits as base64url, and a dot. */
const textLength = 43 + 1 + 43;
