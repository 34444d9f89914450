import { createHmac, createSecretKey, hash, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import { randomToken } from "../platform/crypto/random.ts";

/** A device, which is a browser or an app, of whichever accounts. */
export interface Device {
  /** What the device keeps: its id and our signature. */
  readonly token: string;
  /** What the database keeps: the SHA-256 of the id. */
  readonly hash: Buffer;
}

export interface Devices {
  /** The device that sent this text; undefined if we have not signed it. */
  recognise(text: string | undefined): Device | undefined;
  /**
   * The device that sent this text. Without a text, and with one that we have not signed, it is a new one: nobody can
   * choose an id, or pass for a device without having had its token.
   */
  present(text: string | undefined): Device;
}

/** @param previousSecretKey recognises devices from before `SECRET_KEY` was rotated */
export function createDevices(secretKey: string, previousSecretKey?: string): Devices {
  const sign = createSigner(secretKey);
  const signers = [sign, ...(previousSecretKey === undefined ? [] : [createSigner(previousSecretKey)])];
  const toDevice = (id: string): Device => ({ token: `${id}.${sign(id)}`, hash: hash("sha256", id, "buffer") });
  const recognise = (text: string | undefined): Device | undefined => {
    const [id = "", signature = "", ...rest] = text?.length === tokenLength ? text.split(".") : [];
    const isOurs = rest.length === 0 && signers.some((signer) => isEqual(signer(id), signature));
    return isOurs ? toDevice(id) : undefined;
  };
  return { recognise, present: (text) => recognise(text) ?? toDevice(randomToken()) };
}

/** Two values of 256 bits as base64url, and a dot. */
const tokenLength = 43 + 1 + 43;

function createSigner(secretKey: string): (id: string) => string {
  const key = createSecretKey(deriveKey(secretKey, "devices v1"));
  return (id) => createHmac("sha256", key).update(id).digest("base64url");
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
