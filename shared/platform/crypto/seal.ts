import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deriveKey } from "./derive.ts";

/** Encrypts small secrets for the database. What is sealed under one name cannot be opened under another. */
export interface Seal {
  /** @returns nonce (12 bytes), authentication tag (16 bytes), ciphertext */
  close(name: string, plaintext: string): Buffer;
  /** @throws Error if the key, the name or any byte differs */
  open(name: string, sealed: Buffer): string;
}

/**
 * AES-256-GCM with a random nonce; the name is bound as associated data. The key is derived from `SECRET_KEY`.
 * @param purpose what is sealed, and the version of the scheme: each purpose has its own key
 * @param previousSecretKey opens what was sealed before `SECRET_KEY` was rotated
 */
export function createSeal(purpose: string, secretKey: string, previousSecretKey?: string): Seal {
  const seal = sealUnder(deriveKey(secretKey, purpose));
  if (previousSecretKey === undefined) return seal;
  const previous = sealUnder(deriveKey(previousSecretKey, purpose));
  return {
    ...seal,
    open(name, sealed) {
      try {
        return seal.open(name, sealed);
      } catch {
        return previous.open(name, sealed);
      }
    },
  };
}

function sealUnder(key: Buffer): Seal {
  return {
    close(name, plaintext) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
      const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
    },
    open(name, sealed) {
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(12, 28));
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}
