import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { documentKeyOf } from "../../../shared/tokens/documents.ts";
import { sharedKeyOf } from "../../../shared/tokens/keys/signing-keys.ts";
import { createTestServices } from "../../support/service.ts";
import { testSecretKey } from "../../support/settings.ts";
import { startFakeVault } from "../../support/vault.ts";

const vault = await startFakeVault(() => new Date("2026-01-15T12:00:00.000Z").getTime() / 1000);
vault.addVersion();
const document = { typ: "a-test+jwt", claims: { a: 1 } };

describe("19.3 a signed document", () => {
  test.each([
    ["RS256", {}],
    ["ES256", {}],
    ["EdDSA", {}],
    ["RS256", { SIGNING_KEY_VAULT_KEY_ID: vault.keyId, IDENTITY_ENDPOINT: "as the platform has it" }],
  ])("is signed with %s by the current key, and carries that key: %j", async (algorithm, settings) => {
    const { services, clock } = await createTestServices({ ALGORITHM: algorithm, ...settings });
    const jws = await services.tokens.signDocument(document, clock.now());
    const { alg, typ, kid, jwk } = decodeProtectedHeader(jws);
    const { keys } = await services.tokens.keys.jwks(clock.now());
    expect({ alg, typ, kid, jwk }).toEqual({ alg: algorithm, typ: "a-test+jwt", kid: keys[0]?.kid, jwk: keys[0] });
    const { payload } = await compactVerify(jws, await importJWK(jwk as JWK, algorithm));
    expect(Buffer.from(payload).toString()).toBe('{"a":1}');
    if (!("SIGNING_KEY_VAULT_KEY_ID" in settings)) expect(kid).toBe(await calculateJwkThumbprint(jwk as JWK));
    await expect(services.tokens.access.verify(jws, clock.now()), "no access token").rejects.toThrow();
    const { verifyDocument, rotation } = services.tokens;
    expect(await verifyDocument(jws, document.typ)).toBe(true);
    expect(await verifyDocument(jws, "another+jwt")).toBe(false);
    expect(await verifyDocument(`${jws.slice(0, -4)}AAAA`, document.typ)).toBe(false);
    if (!("SIGNING_KEY_VAULT_KEY_ID" in settings)) {
      await rotation?.revoke(kid ?? "", clock.now());
      expect(await verifyDocument(jws, document.typ), "a key that was withdrawn").toBe(false);
    }
  });

  test("with HS256 has a key of its own: whoever verifies tokens cannot sign it", async () => {
    const { services, clock } = await createTestServices({ ALGORITHM: "HS256" });
    const jws = await services.tokens.signDocument(document, clock.now());
    expect(decodeProtectedHeader(jws)).toEqual({ alg: "HS256", typ: "a-test+jwt" });
    await compactVerify(jws, documentKeyOf(testSecretKey));
    await expect(compactVerify(jws, new Uint8Array(sharedKeyOf(testSecretKey)))).rejects.toThrow("signature");
  });

  test("is refused while the vault is away", async () => {
    const settings = { SIGNING_KEY_VAULT_KEY_ID: vault.keyId, IDENTITY_ENDPOINT: "as the platform has it" };
    const { services, clock } = await createTestServices(settings);
    vault.fault = 403;
    await expect(services.tokens.signDocument(document, clock.now())).rejects.toMatchObject({
      code: "SIGNING_UNAVAILABLE",
    });
    vault.fault = undefined;
  });
});
