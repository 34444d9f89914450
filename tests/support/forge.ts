import { createHmac } from "node:crypto";
import {
  base64url,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from "jose";
import { addSeconds, toEpochSeconds } from "../../shared/platform/clock.ts";
import type { TestServices } from "./service.ts";

/** What a forgery changes of the genuine token: claims or header. What is undefined is left out. */
type Changes = Readonly<Record<string, unknown>>;

/** A genuine access token, and what makes others of it. */
export interface Forge {
  readonly genuine: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Signed with the service's own key: only the claims or the header are wrong. */
  readonly own: (claims: Changes, header?: Changes) => Promise<string>;
  /** Something else than claims, signed with the service's own key. */
  readonly signed: (payload: object) => Promise<string>;
  /** Signed with a foreign key. */
  readonly byThief: (header: Changes, claims?: Changes) => Promise<string>;
  /** The public half of that key. */
  readonly thiefJwk: JWK;
  /** The genuine claims under HS256 with this key. */
  readonly hmac: (header: Changes, key: string | Uint8Array) => string;
  /** Another part, of the same length. */
  readonly swap: (part: string) => string;
}

/** Takes an access token of the service, at the time of its clock. */
export async function createForge({ services, clock }: Pick<TestServices, "services" | "clock">): Promise<Forge> {
  const now = clock.now();
  const grant = { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: addSeconds(now, 9e8) };
  const { token: genuine } = await services.tokens.access.issue(grant, now);
  const { header, payload, payloadPart } = partsOf(genuine);
  const signer = await services.tokens.keys.current(now);
  const thief = await generateKeyPair("RS256");
  return {
    genuine,
    issuer: String(payload.iss),
    issuedAt: toEpochSeconds(now),
    own: (claims, changed = {}) =>
      signer.sign({ ...header, typ: header.typ ?? "", ...changed }, { ...payload, ...claims }),
    signed: (other) => signer.sign({ typ: "at+jwt" }, other),
    byThief: (changed, claims = {}) =>
      new SignJWT({ ...payload, ...claims }).setProtectedHeader({ ...header, ...changed }).sign(thief.privateKey),
    thiefJwk: await exportJWK(thief.publicKey),
    hmac: (changed, key) => {
      const input = `${encode({ ...header, alg: "HS256", ...changed })}.${payloadPart}`;
      return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
    },
    swap: (part) => (part.startsWith("A") ? `B${part.slice(1)}` : `A${part.slice(1)}`),
  };
}

/** The parts of a token, as they are and as what they say. */
export function partsOf(token: string) {
  const [headerPart = "", payloadPart = "", signaturePart = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as unknown;
  const [header, payload] = [read(headerPart) as JWTHeaderParameters, read(payloadPart) as JWTPayload];
  return { headerPart, payloadPart, signaturePart, header, payload };
}

/** A part of a token. */
export const encode = (value: unknown): string =>
  base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
