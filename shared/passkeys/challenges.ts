import { hash, randomBytes } from "node:crypto";
import { addSeconds } from "../platform/clock.ts";
import { createSigner } from "../platform/crypto/signer.ts";

/** What a challenge is for. `conditional_create` is met without a gesture of the person. */
export type ChallengeKind = "create" | "conditional_create" | "sign_in" | "second_factor" | "step_up";

/** What a challenge is good for. */
export interface ChallengeUse {
  readonly kind: ChallengeKind;
  /** Whom it was given to: a session, an `mfa_token`; empty for anybody. */
  readonly subject: string;
}

/** A challenge of ours that has not expired. */
export interface OpenedChallenge {
  readonly kind: ChallengeKind;
  /** The name by which a sign-in refers to it. */
  readonly id: string;
  /** The SHA-256 of its text. */
  readonly hash: Buffer;
  readonly expiresAt: Date;
}

/** How long a person may take to find their security key, or another device. */
export const challengeSeconds = 5 * 60;

/**
 * Challenges that say themselves what they are good for, until when, and that they are ours: nobody can guess one, and
 * however many are asked for, none takes room. Only one that was met is written down.
 */
export interface PasskeyChallenges {
  issue(use: ChallengeUse, now: Date): { readonly challenge: string; readonly id: string };
  /** @returns undefined for a text that is not ours, has expired, or is for something or somebody else */
  open(challenge: string, uses: readonly ChallengeUse[], now: Date): OpenedChallenge | undefined;
}

/** @param previousSecretKey opens what was issued before `SECRET_KEY` was rotated */
export function createPasskeyChallenges(secretKey: string, previousSecretKey?: string): PasskeyChallenges {
  const signer = createSigner("passkey challenges v1", secretKey, previousSecretKey);
  // The payload's length is fixed: where the subject begins is plain.
  const signed = (payload: Buffer, subject: string) => `${payload.toString("base64url")} ${subject}`;
  return {
    issue({ kind, subject }, now) {
      const payload = Buffer.alloc(payloadBytes);
      payload.writeUInt8(kinds.indexOf(kind), 0);
      randomBytes(nonceBytes).copy(payload, 1);
      payload.writeUInt32BE(Math.ceil(addSeconds(now, challengeSeconds).getTime() / 1000), 1 + nonceBytes);
      const challenge = payload.toString("base64url") + signer.sign(signed(payload, subject));
      return { challenge, id: nameOf(payload) };
    },

    open(challenge, uses, now) {
      if (challenge.length !== payloadLength + signatureLength) return undefined;
      const [text, signature] = [challenge.slice(0, payloadLength), challenge.slice(payloadLength)];
      const payload = Buffer.from(text, "base64url");
      // Another spelling of the same bytes would be another challenge.
      if (payload.toString("base64url") !== text) return undefined;
      const use = uses.find(({ kind }) => kind === kinds[payload.readUInt8(0)]);
      if (!use || !signer.isSigned(signed(payload, use.subject), signature)) return undefined;
      const expiresAt = new Date(1000 * payload.readUInt32BE(1 + nonceBytes));
      if (expiresAt <= now) return undefined;
      return { kind: use.kind, id: nameOf(payload), hash: hash("sha256", challenge, "buffer"), expiresAt };
    },
  };
}

/** Their places are in challenges: add to the end. */
const kinds: readonly ChallengeKind[] = ["create", "conditional_create", "sign_in", "second_factor", "step_up"];

const nonceBytes = 16;
/** The kind, the nonce, and the second in which it expires. */
const payloadBytes = 1 + nonceBytes + 4;
/** In base64url, which is whole characters: browsers decode the payload and its signature as one. */
const payloadLength = (payloadBytes / 3) * 4;
const signatureLength = 43;

const nameOf = (payload: Buffer): string => payload.subarray(1, 1 + nonceBytes).toString("base64url");
