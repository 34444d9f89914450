import { exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from "jose";
import { encode, partsOf, type Forge } from "./forge.ts";
import type { TestServices } from "./service.ts";
import { sharedKeyOf } from "../../shared/tokens/keys/signing-keys.ts";
import { testSecretKey } from "./settings.ts";

/** Tokens by what is wrong with them. */
export type Forgeries = Readonly<Record<string, string | Promise<string>>>;

/** What every verifier of access tokens must refuse: RFC 8725, RFC 9068, ASVS 9. */
export async function forgeries(forge: Forge, service: Pick<TestServices, "services" | "clock">): Promise<Forgeries> {
  return { ...(await withOtherKeys(forge, service)), ...withOtherClaims(forge), ...inOtherShapes(forge) };
}

/** The algorithm or the key is not the service's. */
async function withOtherKeys(
  { genuine, own, byThief, thiefJwk, hmac }: Forge,
  { services, clock }: Pick<TestServices, "services" | "clock">,
): Promise<Forgeries> {
  const { header, payload, payloadPart, signaturePart } = partsOf(genuine);
  const publicJwk = (await services.tokens.keys.jwks(clock.now())).keys[0] as JWK;
  const publicKey = await importJWK(publicJwk, "RS256", { extractable: true });
  const thiefEc = await generateKeyPair("ES256");
  return {
    "alg none, no signature": `${encode({ ...header, alg: "none" })}.${payloadPart}.`,
    "alg none, the old signature": `${encode({ ...header, alg: "none" })}.${payloadPart}.${signaturePart}`,
    "alg nOnE": `${encode({ ...header, alg: "nOnE" })}.${payloadPart}.${signaturePart}`,
    "no alg": `${encode({ typ: "at+jwt", kid: header.kid })}.${payloadPart}.${signaturePart}`,
    "HS256 with the public key as PEM": hmac({}, await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0])),
    "HS256 with the public key as JWK": hmac({}, JSON.stringify(publicJwk)),
    "HS256 with the modulus": hmac({}, Buffer.from(String(publicJwk.n), "base64url")),
    "HS256 with SECRET_KEY, while RS256 is set": hmac({}, testSecretKey),
    "HS256 with SECRET_KEY and no kid": hmac({ kid: undefined }, testSecretKey),
    "HS256 with the key that HS256 would have": hmac({ kid: undefined }, sharedKeyOf(testSecretKey)),
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
  };
}

/** Signed with the service's own key, but no access token of it. */
function withOtherClaims({ own, issuedAt, issuer }: Forge): Forgeries {
  const without = (claim: string) => own({ [claim]: undefined });
  return {
    "typ JWT, as an id_token has": own({}, { typ: "JWT" }),
    "typ missing": own({}, { typ: undefined }),
    "typ of a logout token": own({}, { typ: "logout+jwt" }),
    "another issuer": own({ iss: "https://evil.example" }),
    "an issuer with a slash more": own({ iss: `${issuer}/` }),
    "another audience": own({ aud: "https://other.example" }),
    "no audience in a list": own({ aud: [] }),
    "issued in the future": own({ iat: issuedAt + 61, exp: issuedAt + 1800 }),
    "issued at no number": own({ iat: "0" }),
    "expired at no number": own({ exp: "9999999999" }),
    "not valid before tomorrow": own({ nbf: issuedAt + 86_400 }),
    "a subject that is no text": own({ sub: 1 }),
    "a session that is no text": own({ sid: { $ne: null } }),
    "without exp": without("exp"),
    "without iat": without("iat"),
    "without sub": without("sub"),
    "without sid": without("sid"),
    "without sid, for another than its client": own({ sid: undefined, client_id: "a client", sub: "another" }),
    "a client that is no text": own({ client_id: 1, sub: 1, sid: undefined }),
    "without jti": without("jti"),
    "without client_id": without("client_id"),
    "without iss": without("iss"),
    "without aud": without("aud"),
  };
}

/** Not written as a token is. */
function inOtherShapes({ genuine, signed, swap }: Forge): Forgeries {
  const { headerPart, payload, payloadPart, signaturePart } = partsOf(genuine);
  return {
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
    "a payload that is no object": signed(["text"]),
    "a payload that is null": signed(null as unknown as object),
    "a header that is no object": `${encode("[]")}.${payloadPart}.${signaturePart}`,
    "a header that is no JSON": `${encode("{")}.${payloadPart}.${signaturePart}`,
    "9,000 characters": `${genuine}${"A".repeat(9000)}`,
    nothing: "",
  };
}
