import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { provideServices } from "../../../shared/services.ts";
import type { KeyRotation } from "../../../shared/tokens/keys/key-rotation.ts";
import { createTestClock } from "../../support/clock.ts";
import { meStatus, newDevice, refresh, refreshed } from "../../support/people.ts";
import { createTestServices, startService } from "../../support/service.ts";
import { startFakeVault } from "../../support/vault.ts";

const minute = 60;
let seconds = () => createTestClock().now().getTime() / 1000;
const vault = await startFakeVault(() => seconds());
const first = vault.addVersion();
const inVault = { SIGNING_KEY_VAULT_KEY_ID: vault.keyId, IDENTITY_ENDPOINT: "as the platform has it" };
const { api, clock, services, logLines } = await startService(inVault);
seconds = () => Math.floor(clock.now().getTime() / 1000);
const rotation = services.tokens.rotation as KeyRotation;

const kids = async () => (await api.get("/.well-known/jwks.json")).json.keys.map(({ kid }: { kid: string }) => kid);
const signingKid = async () => (await services.tokens.keys.current(clock.now())).kid;
const states = async () => (await rotation.list(clock.now())).map(({ state }) => state);

beforeEach(() => {
  vault.fault = undefined;
  vault.asked.length = 0;
  vault.signed.length = 0;
  logLines.length = 0;
});

describe("with SIGNING_KEY_VAULT_KEY_ID", () => {
  test("the vault signs a digest, and anybody verifies by the key set; the database holds no key", async () => {
    const device = await newDevice(api);
    expect(vault.signed).toEqual([{ alg: "RS256", value: expect.stringMatching(/^[\w-]{43}$/) }]);
    const keys = createLocalJWKSet((await api.get("/.well-known/jwks.json")).json);
    const { protectedHeader } = await jwtVerify(device.accessToken, keys, { currentDate: clock.now() });
    expect(protectedHeader).toEqual({ alg: "RS256", kid: first.version, typ: "at+jwt" });
    expect(await meStatus(api, device)).toBe(200);
    expect((await api.get("/.well-known/jwks.json")).json.keys).toEqual([
      { kty: "RSA", n: expect.any(String), e: "AQAB", kid: first.version, use: "sig", alg: "RS256" },
    ]);
    expect(logLines.join()).not.toContain("canary");
  });

  test("its versions are read again after 30 seconds and not before; verifying asks nothing", async () => {
    const device = await newDevice(api);
    vault.asked.length = 0;
    for (let count = 0; count < 10; count += 1) await meStatus(api, device);
    expect(vault.asked).toEqual([]);
    clock.advance(31);
    await meStatus(api, device);
    expect(vault.asked).toEqual(["GET /keys/latchkey/versions"]);
  });

  test("rotating publishes a version that signs 66 minutes later, also where the vault has made it by itself", async () => {
    const { kid, signsFrom } = await rotation.rotate(clock.now());
    expect(signsFrom).toEqual(addSeconds(clock.now(), 66 * minute));
    clock.advance(31);
    expect([await kids(), await signingKid(), await states()]).toEqual([
      [first.version, kid],
      first.version,
      ["current", "next"],
    ]);
    clock.advance(66 * minute);
    expect([await signingKid(), await states()]).toEqual([kid, ["retired", "current"]]);
    const own = vault.addVersion().version;
    clock.advance(66 * minute - 1);
    expect([await signingKid(), await kids()]).toEqual([kid, [first.version, kid, own]]);
    clock.advance(32);
    expect(await signingKid()).toBe(own);
  });

  test("--now promotes, and revoking disables the version: its tokens are refused, the session lives on", async () => {
    const device = await newDevice(api);
    const before = await signingKid();
    const { kid } = await rotation.rotateNow(clock.now());
    clock.advance(31);
    expect([await signingKid(), before === kid]).toEqual([kid, false]);
    expect(await meStatus(api, device)).toBe(200);
    clock.advance(1);
    const current = await rotation.revoke(kid, clock.now());
    expect(vault.versions.find(({ version }) => version === kid)?.enabled).toBe(false);
    expect(await rotation.revoke(kid, clock.now())).toBeUndefined();
    const next = await refreshed(api, device);
    clock.advance(31);
    expect([await signingKid(), await kids()]).toEqual([current?.row.kid, expect.not.arrayContaining([kid])]);
    expect(await meStatus(api, await refreshed(api, next))).toBe(200);
    expect(await rotation.revoke("0".repeat(32), clock.now())).toBeUndefined();
  });

  test("the nightly timer rotates, and removes nothing from the vault", async () => {
    clock.advance(40 * 86_400);
    const count = vault.versions.length;
    expect(await rotation.maintain(clock.now())).toMatchObject({ published: { isNew: true }, removed: 0 });
    expect(vault.versions).toHaveLength(count + 1);
    clock.advance(86_400);
    expect((await rotation.maintain(clock.now())).published).toBeUndefined();
  });
});

describe("with the vault away", () => {
  test.each([
    [403, "the identity lacks a permission on the key"],
    [404, "the vault has no such key"],
    [500, "the vault does not answer"],
  ])(
    "%i: signing is 503, the refresh token is not used up, and tokens are verified all the same",
    async (fault, reason) => {
      const device = await newDevice(api);
      clock.advance(31);
      vault.fault = fault;
      const answer = await refresh(api, device.cookie);
      expect([answer.status, answer.json.error_code, answer.headers.get("retry-after")]).toEqual([
        503,
        "SIGNING_UNAVAILABLE",
        "5",
      ]);
      expect(logLines.find((line) => line.includes("request.refused"))).toContain(reason);
      expect([await meStatus(api, device), (await api.get("/.well-known/jwks.json")).status]).toEqual([200, 200]);
      vault.fault = undefined;
      clock.advance(11);
      expect((await refresh(api, device.cookie)).status, "later than the grace window").toBe(200);
      expect(logLines.join()).not.toMatch(/canary|reuse_detected/);
    },
  );

  test("a vault that never answers is given up in time", { timeout: 60_000 }, async () => {
    const device = await newDevice(api);
    vault.fault = "silent";
    const startedAt = performance.now();
    expect((await refresh(api, device.cookie)).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(12_000);
  });

  test("at the start, before anything was read, every call that needs it is 503", async () => {
    vault.fault = 403;
    const fresh = await createTestServices(inVault);
    provideServices(fresh.services);
    const { status, json } = await api.get("/.well-known/jwks.json");
    expect([status, json.error_code]).toEqual([503, "SIGNING_UNAVAILABLE"]);
    provideServices(services);
  });
});

describe("another key in the vault", () => {
  test("of EC signs ES256, and one version that is named is the only one", async () => {
    const ec = vault.addVersion("EC");
    const pinned = await createTestServices({
      ...inVault,
      ALGORITHM: "ES256",
      SIGNING_KEY_VAULT_KEY_ID: `${vault.keyId}/${ec.version}`,
    });
    const now = pinned.clock.now();
    const grant = { accountId: "a", sessionId: "s", statusIndex: 0, sessionExpiresAt: new Date("2100-01-01") };
    const { token } = await pinned.services.tokens.access.issue(grant, addSeconds(now, 400 * 86_400));
    expect(token.split(".")[2]).toBe(Buffer.alloc(64, 7).toString("base64url"));
    expect((await pinned.services.tokens.keys.jwks(addSeconds(now, 400 * 86_400))).keys).toEqual([
      {
        kty: "EC",
        crv: "P-256",
        x: expect.any(String),
        y: expect.any(String),
        kid: ec.version,
        use: "sig",
        alg: "ES256",
      },
    ]);
    await expect(pinned.services.tokens.rotation?.rotate(addSeconds(now, 400 * 86_400))).rejects.toThrow(
      "names one version of the key",
    );
    vault.versions.pop();
  });

  test("of another kind than ALGORITHM, or none at all, is told and nothing is made", async () => {
    const count = vault.versions.length;
    const other = await createTestServices({ ...inVault, ALGORITHM: "ES256" });
    await expect(other.services.tokens.keys.current(other.clock.now())).rejects.toThrow("set ALGORITHM to that");
    const nowhere = { ...inVault, SIGNING_KEY_VAULT_KEY_ID: vault.keyId.replace("latchkey", "nobody") };
    const missing = await createTestServices(nowhere);
    await expect(missing.services.tokens.keys.current(missing.clock.now())).rejects.toThrow(
      "the vault has no such key",
    );
    expect(vault.versions).toHaveLength(count);
  });
});
