import { createHash, createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { CompactEncrypt, type JWTPayload } from "jose";
import { clientId, clientSecret, type TestIssuer } from "./providers/issuer.ts";

/** Makes an id_token of claims that are in order. */
export type Make = (claims: JWTPayload) => string | Promise<string>;

/** Who is there while id_tokens are forged. */
export interface Parties {
  readonly acme: TestIssuer;
  readonly other: TestIssuer;
  /** Where a token's header would have its key fetched. */
  readonly thief: { readonly url: string };
  readonly ownAccessToken: string;
  /** In seconds. */
  readonly now: number;
}

/** Forged and misused id_tokens of acme, by what is wrong with each. */
export function forgedIdTokens(parties: Parties): Record<string, Make> {
  const forgeries = wrongMakes(parties);
  for (const [what, wrong] of Object.entries(wrongClaims(parties)))
    forgeries[what] = (claims) => sign({ ...claims, ...wrong });
  return forgeries;
}

const newRsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [rsa, spare, encryption, foreign] = [newRsa(), newRsa(), newRsa(), newRsa()];
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const toJwk = ({ publicKey }: Pick<typeof rsa, "publicKey">, more: object) => ({
  ...publicKey.export({ format: "jwk" }),
  use: "sig",
  alg: "RS256",
  ...more,
});
const rsaJwk = toJwk(rsa, { kid: "rsa" });
/** What acme publishes, of every kind. */
export const keys = [
  rsaJwk,
  toJwk(spare, { kid: "spare" }),
  toJwk(encryption, { kid: "encryption", use: "enc" }),
  toJwk(ec, { kid: "ec", alg: "ES256" }),
  { kty: "oct", kid: "oct", alg: "HS256", k: Buffer.from(clientSecret).toString("base64url") },
];

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** Signs with acme's key unless told otherwise. */
export function sign(claims: object | null, header: object = {}, key = rsa.privateKey): string {
  const input = `${encode({ alg: "RS256", kid: "rsa", ...header })}.${encode(claims)}`;
  return `${input}.${signBytes("sha256", Buffer.from(input), key).toString("base64url")}`;
}
const hmac = (claims: object, key: string | Buffer, kid: string | undefined = "rsa") => {
  const input = `${encode({ alg: "HS256", kid })}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
};
/** The genuine token with another text in place of one part. */
const altered = (claims: object, part: number, text: string) => sign(claims).split(".").with(part, text).join(".");
const swap = (part: string) => (part.startsWith("A") ? `B${part.slice(1)}` : `A${part.slice(1)}`);
const encrypt = (claims: object, alg: string) =>
  new CompactEncrypt(Buffer.from(sign(claims))).setProtectedHeader({ alg, enc: "A256GCM", cty: "JWT" });
const pem = rsa.publicKey.export({ format: "pem", type: "spki" });

/** Signed by acme itself: only these claims are wrong. */
const wrongClaims = ({ acme, other, now }: Parties): Record<string, Record<string, unknown>> => ({
  "iss of somebody else": { iss: "https://evil.example" },
  "iss of the other provider": { iss: other.url },
  "iss missing": { iss: undefined },
  "iss with a slash more": { iss: `${acme.url}/` },
  "iss by https": { iss: acme.url.replace("http:", "https:") },
  "iss without a scheme": { iss: new URL(acme.url).host },
  "iss in a list": { iss: [acme.url] },
  "aud of another client": { aud: "another-client" },
  "aud in capitals": { aud: clientId.toUpperCase() },
  "aud missing": { aud: undefined },
  "aud an empty list": { aud: [] },
  "aud a list without us": { aud: ["another-client", "a-third"], azp: clientId },
  "aud an object": { aud: { [clientId]: true } },
  "several audiences, azp missing": { aud: [clientId, "another-client"] },
  "several audiences, azp foreign": { aud: [clientId, "another-client"], azp: "another-client" },
  "several audiences, azp a list": { aud: [clientId, "another-client"], azp: [clientId] },
  "expired beyond the leeway": { exp: now - 60, iat: now - 360 },
  "exp missing": { exp: undefined },
  "exp a text": { exp: String(now + 300) },
  "issued beyond the leeway in the future": { iat: now + 61 },
  "iat missing": { iat: undefined },
  "iat a text": { iat: String(now) },
  "iat before all dates": { iat: -8_640_000_000_001 },
  "iat before 1970": { iat: -1 },
  "exp after all dates": { exp: 8_640_000_000_001 },
  "nbf before all dates": { nbf: -1e14 },
  "not valid before the leeway is over": { nbf: now + 61 },
  "sub missing": { sub: undefined },
  "sub empty": { sub: "" },
  "sub of 256 characters": { sub: "s".repeat(256) },
  "sub with space before": { sub: " subject" },
  "sub with space after": { sub: "subject " },
  "sub with a line break after": { sub: "subject\n" },
  "sub with NUL": { sub: "sub\u0000ject" },
  "sub a number": { sub: 1 },
  "sub a list": { sub: ["subject"] },
  "sub null": { sub: null },
  "sub not ASCII": { sub: "sübject" },
  "nonce of somebody else": { nonce: "another" },
  "nonce missing": { nonce: undefined },
  "nonce empty": { nonce: "" },
});

/** Made in a wrong way. */
const wrongMakes = ({ acme, other, thief, ownAccessToken }: Parties): Record<string, Make> => ({
  "alg none, no signature": (claims) => `${encode({ alg: "none" })}.${encode(claims)}.`,
  "alg none, the old signature": (claims) => altered(claims, 0, encode({ alg: "none", kid: "rsa" })),
  "alg nOnE": (claims) => `${encode({ alg: "nOnE", kid: "rsa" })}.${encode(claims)}.`,
  "no alg": (claims) => sign(claims, { alg: undefined }),
  "HS256 with the client secret": (claims) => hmac(claims, clientSecret, undefined),
  "HS256 with the client secret, under a key's kid": (claims) => hmac(claims, clientSecret),
  "HS256 with a shared secret that the provider publishes": (claims) => hmac(claims, clientSecret, "oct"),
  "HS256 with the public key as PEM": (claims) => hmac(claims, pem),
  "HS256 with the public key as JWK": (claims) => hmac(claims, JSON.stringify(rsaJwk)),
  "a foreign key under a known kid": (claims) => sign(claims, {}, foreign.privateKey),
  "a foreign key by jwk": (claims) => sign(claims, { jwk: toJwk(foreign, {}) }, foreign.privateKey),
  "a foreign key by jwk alone": (claims) =>
    sign(claims, { kid: undefined, jwk: toJwk(foreign, {}) }, foreign.privateKey),
  "a foreign key by jku": (claims) => sign(claims, { jku: `${thief.url}/keys` }, foreign.privateKey),
  "a foreign key by x5u": (claims) => sign(claims, { x5u: `${thief.url}/chain.pem` }, foreign.privateKey),
  "a foreign key by x5c": (claims) => sign(claims, { x5c: ["MIIB"] }, foreign.privateKey),
  "an unknown kid": (claims) => sign(claims, { kid: "unknown" }),
  "no kid, though two keys would do": (claims) => sign(claims, { kid: undefined }),
  "a kid that is a list": (claims) => sign(claims, { kid: ["rsa"] }),
  "a kid that is a path": (claims) => sign(claims, { kid: "../../rsa" }),
  "the kid of a key of another kind": (claims) => sign(claims, { kid: "ec" }),
  "the kid of another key": (claims) => sign(claims, { kid: "spare" }),
  "the provider's key for encryption": (claims) => sign(claims, { kid: "encryption" }, encryption.privateKey),
  "another algorithm than the key is for": (claims) => sign(claims, { alg: "RS512" }),
  "an unknown critical header": (claims) => sign(claims, { crit: ["x"], x: 1 }),
  "a critical header that is not there": (claims) => sign(claims, { crit: ["x"] }),
  "an empty list of critical headers": (claims) => sign(claims, { crit: [] }),
  "a payload that is not encoded": (claims) => sign(claims, { crit: ["b64"], b64: false }),
  "a signature that was changed": (claims) => sign(claims).replace(/[^.]+$/, swap),
  "a payload that was changed": (claims) => altered(claims, 1, encode({ ...claims, sub: "victim" })),
  "a header that was changed": (claims) => altered(claims, 0, encode({ alg: "RS256", kid: "rsa", typ: "x" })),
  "a signature cut short": (claims) => sign(claims).slice(0, -4),
  "no signature": (claims) => altered(claims, 2, ""),
  "two parts": (claims) => sign(claims).split(".").slice(0, 2).join("."),
  "four parts": (claims) => `${sign(claims)}.x`,
  "encrypted with the client secret": (claims) =>
    encrypt(claims, "dir").encrypt(createHash("sha256").update(clientSecret).digest()),
  "encrypted for a key of the key set": (claims) => encrypt(claims, "RSA-OAEP-256").encrypt(rsa.publicKey),
  "our own access token": () => ownAccessToken,
  "an id_token of the other provider": ({ nonce }) => other.idToken({ nonce }),
  "an id_token of the other provider that names acme": ({ nonce }) => other.idToken({ nonce, iss: acme.url }),
  "a payload that is a list": (claims) => sign([claims]),
  "a payload that is null": () => sign(null),
  "no JWT": () => "id_token",
  "16,000 characters": (claims) => `${sign(claims)}${"A".repeat(16_000)}`.slice(0, 16_000),
});
