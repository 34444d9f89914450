import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { ConfigError } from "../../../shared/platform/settings/config-error.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import { createDatabaseKeyStore, keySealPurpose } from "../../../shared/tokens/keys/database-key-store.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createSeal } from "../../../shared/platform/crypto/seal.ts";
import { createSigningKeys } from "../../../shared/tokens/keys/signing-keys.ts";
import { createSigningKeyQueries } from "../../../shared/tokens/keys/signing-key-queries.ts";
import { createTestServices, type TestServices } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

/** Another instance on the same database. */
function sibling({ database, clock }: TestServices, settings: Record<string, string> = {}): Services {
  return createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
}

/** Signing keys whose reads of the database are counted. */
function counting({ database }: Services) {
  let reads = 0;
  const store = createSigningKeyQueries(database.queries);
  const keyStore = createDatabaseKeyStore(store, createSeal(keySealPurpose, testSettings.SECRET_KEY));
  const list = () => {
    reads += 1;
    return store.list();
  };
  return {
    keys: createSigningKeys({ ...keyStore, list }, { algorithm: "ES256", tokenSeconds: 1800 }),
    reads: () => reads,
  };
}

const subject = { accountId: "a", sessionId: "s" };

describe("signing keys", () => {
  test("when ten instances start at once, one key is made and all use it", async () => {
    const made = await createTestServices({ ALGORITHM: "ES256" });
    const { services, clock } = made;
    const fleet = Array.from({ length: 10 }, () => sibling(made, { ALGORITHM: "ES256" }));
    const keys = await Promise.all(fleet.map(({ tokens }) => tokens.keys.current(clock.now())));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(await createSigningKeyQueries(services.database.queries).list()).toHaveLength(1);
    await Promise.all(fleet.map((instance) => instance.close()));
  });

  test("when two start at once and the faster one's clock is 20 s ahead, both use its key at once", async () => {
    const made = await createTestServices({ ALGORITHM: "ES256" });
    const { services, clock } = made;
    const ahead = sibling(made, { ALGORITHM: "ES256" });
    const store = createSigningKeyQueries(services.database.queries);
    const keyStore = createDatabaseKeyStore(store, createSeal(keySealPurpose, testSettings.SECRET_KEY));
    // The other key is made between this instance's look and its own key.
    const make: typeof keyStore.make = async (key) => {
      await ahead.tokens.keys.ensureCanSign(addSeconds(clock.now(), 20));
      return keyStore.make(key);
    };
    const slower = createSigningKeys({ ...keyStore, make }, { algorithm: "ES256", tokenSeconds: 1800 });
    const { kid } = await slower.current(clock.now());
    expect(await store.list()).toHaveLength(1);
    expect((await ahead.tokens.keys.current(addSeconds(clock.now(), 20))).kid).toBe(kid);
    await ahead.close();
  });

  test("the private part is nowhere in the database in clear, and opens only under its own kid and secret", async () => {
    const { services, clock } = await createTestServices();
    await services.tokens.keys.ensureCanSign(clock.now());
    const [row] = await createSigningKeyQueries(services.database.queries).list();
    expect(row?.public_jwk).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    const sealed = row?.sealed_private_key ?? Buffer.alloc(0);
    expect(createSeal(keySealPurpose, testSettings.SECRET_KEY).open(row?.kid ?? "", sealed)).toContain('"d":');
    expect(() => createSeal(keySealPurpose, testSettings.SECRET_KEY).open("another kid", sealed)).toThrow();
    expect(() => createSeal(keySealPurpose, "x".repeat(40)).open(row?.kid ?? "", sealed)).toThrow();
    expect(sealed.includes(Buffer.from('"kty"'))).toBe(false);
  });

  test("with another SECRET_KEY, says so instead of signing with a key of its own", async () => {
    const made = await createTestServices();
    const { services, clock } = made;
    await services.tokens.keys.ensureCanSign(clock.now());
    const stranger = sibling(made, { SECRET_KEY: "another-6f1d0c8e5b7a49d2a3c4e5f60718293a" });
    const signing = stranger.tokens.keys.current(clock.now());
    await expect(signing).rejects.toThrow("sealed with another SECRET_KEY");
    await expect(signing, "15.25: answered as wrong settings are").rejects.toBeInstanceOf(ConfigError);
    await stranger.close();
  });

  test("a change of ALGORITHM makes a key of the new kind current; the tokens of the old one still verify", async () => {
    const made = await createTestServices({ ALGORITHM: "RS256" });
    const { services, clock } = made;
    const { token } = await services.tokens.access.issue(
      { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
      clock.now(),
    );
    const changed = sibling(made, { ALGORITHM: "EdDSA" });
    expect((await changed.tokens.keys.current(clock.now())).algorithm).toBe("EdDSA");
    expect(await changed.tokens.access.verify(token, clock.now())).toEqual(subject);
    expect((await changed.tokens.keys.jwks(clock.now())).keys.map(({ alg }) => alg)).toEqual(["RS256", "EdDSA"]);
    await changed.close();
  });

  test("after a change to HS256, tokens of the keys of before verify, and no key of HS256 is published", async () => {
    const made = await createTestServices({ ALGORITHM: "RS256" });
    const { services, clock } = made;
    const grant = { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") };
    const { token } = await services.tokens.access.issue(grant, clock.now());
    const changed = sibling(made, { ALGORITHM: "HS256" });
    expect(await changed.tokens.access.verify(token, clock.now())).toEqual(subject);
    expect((await changed.tokens.keys.current(clock.now())).algorithm).toBe("HS256");
    expect((await changed.tokens.keys.jwks(clock.now())).keys.map(({ alg }) => alg)).toEqual(["RS256"]);
    const own = (await changed.tokens.access.issue(grant, clock.now())).token;
    await expect(services.tokens.access.verify(own, clock.now())).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await changed.close();
  });

  test("a key that another instance has added is looked for once, and then found within 30 seconds", async () => {
    const made = await createTestServices({ ALGORITHM: "RS256" });
    const { services, clock } = made;
    await services.tokens.keys.ensureCanSign(clock.now());
    clock.advance(1);
    const others = ["ES256", "EdDSA"].map((algorithm) => sibling(made, { ALGORITHM: algorithm }));
    const issue = async (instance: Services | undefined) =>
      (
        await instance?.tokens.access.issue(
          { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
          clock.now(),
        )
      )?.token;
    const verify = (token = "") => services.tokens.access.verify(token, clock.now());
    expect(await verify(await issue(others[0]))).toEqual(subject);
    const second = await issue(others[1]);
    await expect(verify(second)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    clock.advance(30.001);
    expect(await verify(second)).toEqual(subject);
    await Promise.all(others.map((other) => other.close()));
  });

  test("unknown kids, however many, read the database once in 30 seconds; known ones no oftener", async () => {
    const { services, clock } = await createTestServices({ ALGORITHM: "ES256" });
    const { keys, reads } = counting(services);
    const { kid } = await keys.current(clock.now());
    const flood = async () => {
      for (let count = 0; count < 100; count += 1) await keys.find(`random ${count}`, clock.now());
      await Promise.all(Array.from({ length: 100 }, (_, count) => keys.find(`another ${count}`, clock.now())));
      expect(await keys.find(kid, clock.now())).toBeDefined();
    };
    const before = reads();
    for (let second = 1; second <= 120; second += 1) {
      clock.advance(1);
      await flood();
    }
    expect(reads() - before).toBeLessThanOrEqual(4);
    expect(reads() - before).toBeGreaterThanOrEqual(3);
  });

  test("a flood before the first key was made reads no oftener either", async () => {
    const { services, clock } = await createTestServices({ ALGORITHM: "ES256" });
    const { keys, reads } = counting(services);
    for (let count = 0; count < 100; count += 1) expect(await keys.find(`${count}`, clock.now())).toBeUndefined();
    expect(reads()).toBe(1);
  });

  test("lowering ACCESS_TOKEN_EXPIRE_MINUTES takes no key from the tokens that it has signed before", async () => {
    const made = await createTestServices({ ALGORITHM: "ES256", ACCESS_TOKEN_EXPIRE_MINUTES: "15" });
    const { services, clock } = made;
    await services.tokens.keys.ensureCanSign(clock.now());
    const generous = sibling(made, { ALGORITHM: "ES256", ACCESS_TOKEN_EXPIRE_MINUTES: "1440" });
    const { token } = await generous.tokens.access.issue(
      { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
      clock.now(),
    );
    expect(await generous.tokens.keys.longestTokenSeconds(clock.now())).toBe(86_400);
    clock.advance(60);
    await services.tokens.rotation?.rotateNow(clock.now());
    clock.advance(23 * 3600);
    await services.tokens.rotation?.maintain(clock.now());
    expect(await services.tokens.access.verify(token, clock.now())).toEqual(subject);
    expect(await services.tokens.keys.longestTokenSeconds(clock.now())).toBe(86_400);
    clock.advance(3600 + 400);
    expect(await services.tokens.rotation?.maintain(clock.now())).toMatchObject({ removed: 1 });
    clock.advance(31);
    expect(await services.tokens.keys.longestTokenSeconds(clock.now())).toBe(900);
    await generous.close();
  });

  test.each(["RS256", "ES256", "EdDSA", "HS256"])("with ALGORITHM=%s, what is issued verifies", async (algorithm) => {
    const { services, clock } = await createTestServices({ ALGORITHM: algorithm });
    const { token } = await services.tokens.access.issue(
      { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
      clock.now(),
    );
    const header = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { alg: string };
    expect(header.alg).toBe(algorithm);
    expect(await services.tokens.access.verify(token, clock.now())).toEqual(subject);
    const { keys } = await services.tokens.keys.jwks(clock.now());
    expect(keys).toHaveLength(algorithm === "HS256" ? 0 : 1);
  });
});
