import { createHmac } from "node:crypto";
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from "jose";
import { describe, expect, test } from "vitest";
import { addSeconds, toEpochSeconds } from "../../../shared/platform/clock.ts";
import { deriveKey } from "../../../shared/platform/keys.ts";
import { sharedKeyOf } from "../../../shared/tokens/signing-keys.ts";
import { createTestServices, type TestService } from "../../support/service.ts";
import { testSecretKey } from "../../support/settings.ts";

const { services, clock } = await createTestServices();
const now = clock.now();
const issuedAt = toEpochSeconds(now);
const genuine = (
  await services.accessTokens.issue(
    { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
    now,
  )
).token;
const [headerPart = "", payloadPart = "", signaturePart = ""] = genuine.split(".");
const header = JSON.parse(Buffer.from(headerPart, "base64url").toString()) as JWTHeaderParameters;
const payload = JSON.parse(Buffer.from(payloadPart, "base64url").toString()) as JWTPayload;
const signer = await services.signingKeys.current(now);
const publicJwk = (await services.signingKeys.jwks(now)).keys[0] as JWK;
const publicKey = await importJWK(publicJwk, "RS256", { extractable: true });
const thief = await generateKeyPair("RS256");
const thiefJwk = await exportJWK(thief.publicKey);
const thiefEc = await generateKeyPair("ES256");

const encode = (value: unknown) => base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
/** Signed with the service's own key: only the claims or the header are wrong. */
const own = (claims: Partial<JWTPayload>, changed: Record<string, unknown> = {}) =>
  signer.sign({ ...header, typ: header.typ ?? "", ...changed }, { ...payload, ...claims });
const without = (claim: string) => own({ [claim]: undefined });
const byThief = (changed: Record<string, unknown>) =>
  new SignJWT(payload).setProtectedHeader({ ...header, ...changed }).sign(thief.privateKey);
const hmac = (changed: object, key: string | Uint8Array) => {
  const input = `${encode({ ...header, alg: "HS256", ...changed })}.${payloadPart}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
};
const swap = (part: string) => (part.startsWith("A") ? `B${part.slice(1)}` : `A${part.slice(1)}`);

const forgeries: Record<string, string | Promise<string>> = {
  "alg none, no signature": `${encode({ ...header, alg: "none" })}.${payloadPart}.`,
  "alg none, the old signature": `${encode({ ...header, alg: "none" })}.${payloadPart}.${signaturePart}`,
  "alg nOnE": `${encode({ ...header, alg: "nOnE" })}.${payloadPart}.${signaturePart}`,
  "no alg": `${encode({ typ: "at+jwt", kid: header.kid })}.${payloadPart}.${signaturePart}`,
  "HS256 with the public key as PEM": hmac({}, await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0])),
  "HS256 with the public key as JWK": hmac({}, JSON.stringify(publicJwk)),
  "HS256 with the modulus": hmac({}, base64url.decode(String(publicJwk.n))),
  "HS256 with SECRET_KEY, while RS256 is set": hmac({}, testSecretKey),
  "HS256 with SECRET_KEY and no kid": hmac({ kid: undefined }, testSecretKey),
  "HS256 with an empty key": hmac({}, "\u0000"),
  "a foreign key under our kid": byThief({}),
  "a foreign key by jwk": byThief({ jwk: thiefJwk }),
  "a foreign key by jwk, without kid": byThief({ jwk: thiefJwk, kid: undefined }),
  "a foreign key by jku": byThief({ jku: "https://evil.example/jwks.json" }),
  "a foreign key by x5u": byThief({ x5u: "https://evil.example/cert.pem" }),
  "a foreign key by x5c": byThief({ x5c: ["MIIB"] }),
  "a kid that is a path": byThief({ kid: "../../../../dev/null" }),
  "a kid that is a query": byThief({ kid: "' or 1=1 --" }),
  "a kid of another type": `${encode({ ...header, kid: ["a"] })}.${payloadPart}.${signaturePart}`,
  "a kid from the prototype": byThief({ kid: "__proto__" }),
  "our own key with jwk beside kid": own({}, { jwk: publicJwk }),
  "our own key with jku beside kid": own({}, { jku: "https://latchkey.example/jwks.json" }),
  "an unknown critical header": `${encode({ ...header, crit: ["x"], x: 1 })}.${payloadPart}.${signaturePart}`,
  "another algorithm of the same key, PS256": `${encode({ ...header, alg: "PS256" })}.${payloadPart}.${signaturePart}`,
  "another algorithm of the same key, RS512": `${encode({ ...header, alg: "RS512" })}.${payloadPart}.${signaturePart}`,
  "an EC key under our kid": new SignJWT(payload)
    .setProtectedHeader({ ...header, alg: "ES256" })
    .sign(thiefEc.privateKey),
  "typ JWT, as an id_token has": own({}, { typ: "JWT" }),
  "typ missing": own({}, { typ: undefined }),
  "typ of a logout token": own({}, { typ: "logout+jwt" }),
  "another issuer": own({ iss: "https://evil.example" }),
  "an issuer with a slash more": own({ iss: "http://localhost:7071/" }),
  "another audience": own({ aud: "https://other.example" }),
  "no audience in a list": own({ aud: [] }),
  "issued in the future": own({ iat: issuedAt + 61, exp: issuedAt + 1800 }),
  "issued at no number": own({ iat: "0" as unknown as number }),
  "expired at no number": own({ exp: "9999999999" as unknown as number }),
  "not valid before tomorrow": own({ nbf: issuedAt + 86_400 }),
  "a subject that is no text": own({ sub: 1 as unknown as string }),
  "a session that is no text": own({ sid: { $ne: null } }),
  "without exp": without("exp"),
  "without iat": without("iat"),
  "without sub": without("sub"),
  "without sid": without("sid"),
  "without sid, for another than its client": own({ sid: undefined, client_id: "a client", sub: "another" }),
  "a client that is no text": own({ client_id: 1, sub: 1 as unknown as string, sid: undefined }),
  "without jti": without("jti"),
  "without client_id": without("client_id"),
  "without iss": without("iss"),
  "without aud": without("aud"),
  "a payload of another account": `${headerPart}.${encode({ ...payload, sub: "b" })}.${signaturePart}`,
  "a changed signature": `${headerPart}.${payloadPart}.${swap(signaturePart)}`,
  "a truncated signature": genuine.slice(0, -4),
  "no signature": `${headerPart}.${payloadPart}.`,
  "two parts": `${headerPart}.${payloadPart}`,
  "four parts": `${genuine}.x`,
  "five parts, as a JWE has": `${headerPart}.x.x.${payloadPart}.${signaturePart}`,
  padding: `${headerPart}.${payloadPart}.${signaturePart}==`,
  "the plain base64 alphabet": `${headerPart}.${payloadPart}.${"+/".repeat(171)}`,
  "stray bits in the last character": `${genuine.slice(0, -1)}${genuine.endsWith("Q") ? "R" : String.fromCharCode(genuine.charCodeAt(genuine.length - 1) + 1)}`,
  "a space in it": `${headerPart}. ${payloadPart}.${signaturePart}`,
  "a line break at its end": `${genuine}\n`,
  "a payload that is no object": signer.sign({ typ: "at+jwt" }, ["text"]),
  "a payload that is null": signer.sign({ typ: "at+jwt" }, null as unknown as object),
  "a header that is no object": `${encode("[]")}.${payloadPart}.${signaturePart}`,
  "a header that is no JSON": `${encode("{")}.${payloadPart}.${signaturePart}`,
  "9,000 characters": `${genuine}${"A".repeat(9000)}`,
  nothing: "",
};

describe("RFC 8725, ASVS 9: a forged or misused token", () => {
  test("the table has at least 30 of them", () => {
    expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(30);
  });

  test("the genuine token, which they are made from, verifies", async () => {
    expect(await services.accessTokens.verify(genuine, now)).toEqual({ accountId: "a", sessionId: "s" });
    expect(await services.accessTokens.verify(await own({}), now)).toEqual({ accountId: "a", sessionId: "s" });
  });

  test.each(Object.entries(forgeries))("%s: refused", async (_what, token) => {
    await expect(services.accessTokens.verify(await token, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("expired: refused as that, but only when its signature holds", async () => {
    const times = { iat: issuedAt - 3600, exp: issuedAt - 60 };
    await expect(services.accessTokens.verify(await own(times), now)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    const stolen = new SignJWT({ ...payload, ...times }).setProtectedHeader(header).sign(thief.privateKey);
    await expect(services.accessTokens.verify(await stolen, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("a token that was verified before is refused once it has expired, and nothing near it is accepted", async () => {
    const token = await own({ jti: "verified before" });
    for (let round = 0; round < 3; round += 1) await services.accessTokens.verify(token, now);
    const later = addSeconds(now, 1860);
    await expect(services.accessTokens.verify(token, later)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    const near = `${token.slice(0, -8)}${swap(token.slice(-8))}`;
    await expect(services.accessTokens.verify(near, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("the leeway is 60 seconds on either side", async () => {
    await expect(services.accessTokens.verify(await own({ exp: issuedAt - 59 }), now)).resolves.toBeTruthy();
    await expect(services.accessTokens.verify(await own({ iat: issuedAt + 60 }), now)).resolves.toBeTruthy();
  });
});

const symmetric: Pick<TestService, "services"> = await createTestServices({ ALGORITHM: "HS256" });

describe("with ALGORITHM=HS256", () => {
  test("an RS256 token of our own former key is refused, and so is one that names a key", async () => {
    const { accessTokens } = symmetric.services;
    await expect(accessTokens.verify(genuine, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(accessTokens.verify(hmac({}, testSecretKey), now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const shared = sharedKeyOf(testSecretKey);
    await expect(accessTokens.verify(hmac({}, shared), now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await accessTokens.verify(hmac({ kid: undefined }, shared), now)).toEqual({
      accountId: "a",
      sessionId: "s",
    });
  });

  test("15.9 SECRET_KEY itself signs nothing, and nor does any other key that is derived from it", async () => {
    const { accessTokens } = symmetric.services;
    const others = ["signing key seal v1", "access token HS256", ""].map((purpose) =>
      deriveKey(testSecretKey, purpose),
    );
    for (const key of [testSecretKey, ...others])
      await expect(accessTokens.verify(hmac({ kid: undefined }, key), now)).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      });
  });
});
