import { hash } from "node:crypto";
import { randomToken } from "../platform/crypto/random.ts";
import { createSigner } from "../platform/crypto/signer.ts";

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
  const signer = createSigner("devices v1", secretKey, previousSecretKey);
  const toDevice = (id: string): Device => ({ token: `${id}.${signer.sign(id)}`, hash: hash("sha256", id, "buffer") });
  const recognise = (text: string | undefined): Device | undefined => {
    const [id = "", signature = "", ...rest] = text?.length === tokenLength ? text.split(".") : [];
    return rest.length === 0 && signer.isSigned(id, signature) ? toDevice(id) : undefined;
  };
  return { recognise, present: (text) => recognise(text) ?? toDevice(randomToken()) };
}

/** Two values of 256 bits as base64url, and a dot. */
const tokenLength = 43 + 1 + 43;
