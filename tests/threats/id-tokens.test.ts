import { createHash, createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { CompactEncrypt, type JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import { toEpochSeconds } from "../../shared/platform/clock.ts";
import { createBrowser, locationOf } from "../support/browser.ts";
import { createTestClock } from "../support/clock.ts";
import { clientId, clientSecret, startIssuer } from "../support/providers/issuer.ts";
import { serveProvider } from "../support/providers/serve.ts";
import { startService } from "../support/service.ts";
import { home, issuerSettings, ownOrigin } from "../support/social.ts";

const clock = createTestClock();
const now = toEpochSeconds(clock.now());
const native = "a-native-app";
const [acme, other, thief] = [await startIssuer(clock), await startIssuer(clock), await serveProvider(() => ({}))];

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
const keys = [
  rsaJwk,
  toJwk(spare, { kid: "spare" }),
  toJwk(encryption, { kid: "encryption", use: "enc" }),
  toJwk(ec, { kid: "ec", alg: "ES256" }),
  { kty: "oct", kid: "oct", alg: "HS256", k: Buffer.from(clientSecret).toString("base64url") },
];

/** What acme's token endpoint gives for any code. */
let issued = "";
const desk = await serveProvider(({ url }) =>
  url.pathname === "/keys"
    ? { body: { keys } }
    : { body: { access_token: "x", token_type: "Bearer", id_token: issued } },
);
acme.document["token_endpoint"] = `${desk.url}/token`;
acme.document["jwks_uri"] = `${desk.url}/keys`;
// The other provider means harm: it passes acme's keys off as its own.
other.document["jwks_uri"] = `${desk.url}/keys`;

const service = await startService({
  ...issuerSettings("OIDC_ACME", acme),
  ...issuerSettings("OIDC_OTHER", other),
  OIDC_ACME_ADDITIONAL_CLIENT_IDS: native,
});
const { token: ownAccessToken } = await service.services.tokens.access.issue(
  { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
  clock.now(),
);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
function sign(claims: object | null, header: object = {}, key = rsa.privateKey): string {
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
const wrongClaims: Record<string, Record<string, unknown>> = {
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
};

const wrongMakes: Record<string, (claims: JWTPayload) => string | Promise<string>> = {
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
};

const forgeries: typeof wrongMakes = { ...wrongMakes };
for (const [what, wrong] of Object.entries(wrongClaims)) forgeries[what] = (claims) => sign({ ...claims, ...wrong });

let subjects = 0;
function genuine(nonce: string): JWTPayload {
  subjects += 1;
  return { iss: acme.url, aud: clientId, sub: `s${subjects}`, iat: now, exp: now + 300, nonce };
}

type Make = (claims: JWTPayload) => string | Promise<string>;

/** As an app signs in. @returns the status and the error's code */
async function byApp(make: Make, provider = "acme") {
  const body = { id_token: await make(genuine("n")), nonce: "n", transport: "body" };
  const { status, json } = await service.api.post(`/auth/oauth/${provider}`, { body });
  return [status, json.error_code];
}

/** As a browser signs in, with what acme's token endpoint then gives. @returns the error's code, or whether it got a session */
async function byBrowser(make: Make) {
  const browser = createBrowser();
  const to = locationOf(await browser.visit(`${service.url}/auth/oauth/acme/authorize?redirect_to=${home}`));
  issued = await make(genuine(to.searchParams.get("nonce") ?? ""));
  const back = await browser.visit(acme.authorize(to.href).replace(ownOrigin, service.url));
  return locationOf(back).searchParams.get("error") ?? browser.cookies.has("refresh_token");
}

async function people(): Promise<number> {
  const db = service.services.database.queries.withTables<{ users: { id: string }; identities: { id: string } }>();
  const [users, identities] = [db.selectFrom("users").select("id"), db.selectFrom("identities").select("id")];
  return (await users.execute()).length + (await identities.execute()).length;
}

describe("ASVS 9, 10.5: a forged or misused id_token", () => {
  test("the table has at least 35 of them, and what they are made from is accepted", async () => {
    expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(35);
    expect(await byApp((claims) => sign(claims))).toEqual([200, undefined]);
    expect(await byBrowser((claims) => sign(claims))).toBe(true);
  });

  test.each(Object.entries(forgeries))("%s: refused by app and by browser, nobody is made", async (_what, make) => {
    const before = await people();
    expect(await byApp(make)).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
    expect(await byBrowser(make)).toBe("PROVIDER_TOKEN_INVALID");
    expect(await people()).toBe(before);
  });

  test("an address in a token's own header, nothing is asked of it", () => expect(thief.asked).toEqual([]));
});

describe("an id_token at the edge of what is allowed", () => {
  test.each([
    ["expired within the leeway", { exp: now - 59 }],
    ["issued within the leeway in the future", { iat: now + 60, nbf: now + 60 }],
    ["several audiences, issued to us", { aud: ["another-client", clientId], azp: clientId }],
    ["sub of 255 characters", { sub: "s".repeat(255) }],
    ["14,000 characters", { groups: "g".repeat(10_000) }],
  ])("%s: accepted of an app and of a browser", async (_what, changed) => {
    const make: Make = (claims) => sign({ ...claims, ...changed });
    expect(await byApp(make)).toEqual([200, undefined]);
    expect(await byBrowser(make)).toBe(true);
  });

  test("too long for a body or for a provider's answer, refused before it is looked at", async () => {
    const make: Make = (claims) => sign({ ...claims, groups: "g".repeat(200_000) });
    expect(await byApp(() => "A".repeat(16_385))).toContain("VALIDATION_ERROR");
    expect(await byApp(make)).toContain("PAYLOAD_TOO_LARGE");
    expect(await byBrowser(make)).toBe("PROVIDER_UNAVAILABLE");
  });

  test.each([
    ["a native app's audience", { aud: native }],
    ["several audiences, issued to the native app", { aud: [native, clientId], azp: native }],
  ])("%s: accepted of an app, refused where a code brought it", async (_what, changed) => {
    const make: Make = (claims) => sign({ ...claims, ...changed });
    expect(await byApp(make)).toEqual([200, undefined]);
    expect(await byBrowser(make)).toBe("PROVIDER_TOKEN_INVALID");
  });
});

test("RFC 9700, 4.4 mix-up: an id_token is good at its own provider alone, even where both have one key set", async () => {
  expect(await byApp((claims) => sign({ ...claims, iss: other.url }), "other")).toEqual([200, undefined]);
  for (const make of [(claims: JWTPayload) => sign(claims), () => acme.idToken({ nonce: "n" })])
    expect(await byApp(make, "other")).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
});
