import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/platform/config.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import { createSeal } from "../../../shared/tokens/seal.ts";
import { createSigningKeyStore } from "../../../shared/tokens/store.ts";
import { createTestServices, type TestServices } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

/** Another instance on the same database. */
function sibling({ database, clock }: TestServices, settings: Record<string, string> = {}): Services {
  return createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
}

const subject = { accountId: "a", sessionId: "s" };

describe("signing keys", () => {
  test("when ten instances start at once, one key is made and all use it", async () => {
    const made = await createTestServices({ ALGORITHM: "ES256" });
    const { services, clock } = made;
    const fleet = Array.from({ length: 10 }, () => sibling(made, { ALGORITHM: "ES256" }));
    const keys = await Promise.all(fleet.map(({ signingKeys }) => signingKeys.current(clock.now())));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(await createSigningKeyStore(services.database.queries).list()).toHaveLength(1);
    await Promise.all(fleet.map((instance) => instance.close()));
  });

  test("the private part is nowhere in the database in clear, and opens only under its own kid and secret", async () => {
    const { services, clock } = await createTestServices();
    await services.signingKeys.current(clock.now());
    const [row] = await createSigningKeyStore(services.database.queries).list();
    expect(row?.public_jwk).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    const sealed = row?.sealed_private_key ?? Buffer.alloc(0);
    expect(createSeal(testSettings.SECRET_KEY).open(row?.kid ?? "", sealed)).toContain('"d":');
    expect(() => createSeal(testSettings.SECRET_KEY).open("another kid", sealed)).toThrow();
    expect(() => createSeal("x".repeat(40)).open(row?.kid ?? "", sealed)).toThrow();
    expect(sealed.includes(Buffer.from('"kty"'))).toBe(false);
  });

  test("with another SECRET_KEY, says so instead of signing with a key of its own", async () => {
    const made = await createTestServices();
    const { services, clock } = made;
    await services.signingKeys.current(clock.now());
    const stranger = sibling(made, { SECRET_KEY: "another-6f1d0c8e5b7a49d2a3c4e5f60718293a" });
    await expect(stranger.signingKeys.current(clock.now())).rejects.toThrow("sealed with another SECRET_KEY");
    await stranger.close();
  });

  test("a change of ALGORITHM makes a key of the new kind current; the tokens of the old one still verify", async () => {
    const made = await createTestServices({ ALGORITHM: "RS256" });
    const { services, clock } = made;
    const { token } = await services.accessTokens.issue(subject, clock.now());
    const changed = sibling(made, { ALGORITHM: "EdDSA" });
    expect((await changed.signingKeys.current(clock.now())).algorithm).toBe("EdDSA");
    expect(await changed.accessTokens.verify(token, clock.now())).toEqual(subject);
    expect((await changed.signingKeys.jwks(clock.now())).keys.map(({ alg }) => alg)).toEqual(["RS256", "EdDSA"]);
    await changed.close();
  });

  test("a key that another instance has added is found within 30 seconds; unknown kids read the database no oftener", async () => {
    const made = await createTestServices({ ALGORITHM: "RS256" });
    const { services, clock } = made;
    await services.signingKeys.current(clock.now());
    const other = sibling(made, { ALGORITHM: "ES256" });
    const { token } = await other.accessTokens.issue(subject, clock.now());
    await expect(services.accessTokens.verify(token, clock.now())).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    clock.advance(30.001);
    expect(await services.accessTokens.verify(token, clock.now())).toEqual(subject);
    await other.close();
  });

  test.each(["RS256", "ES256", "EdDSA", "HS256"])("with ALGORITHM=%s, what is issued verifies", async (algorithm) => {
    const { services, clock } = await createTestServices({ ALGORITHM: algorithm });
    const { token } = await services.accessTokens.issue(subject, clock.now());
    const header = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { alg: string };
    expect(header.alg).toBe(algorithm);
    expect(await services.accessTokens.verify(token, clock.now())).toEqual(subject);
    const { keys } = await services.signingKeys.jwks(clock.now());
    expect(keys).toHaveLength(algorithm === "HS256" ? 0 : 1);
  });
});
