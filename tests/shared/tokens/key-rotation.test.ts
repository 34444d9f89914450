import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import type { KeyRotation } from "../../../shared/tokens/keys/key-rotation.ts";
import { createTestServices, type TestServices } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const subject = { accountId: "a", sessionId: "s" };
const minute = 60;
const day = 86_400;

async function open(settings: Record<string, string> = {}) {
  const made = await createTestServices({ ALGORITHM: "ES256", ...settings });
  const { services, clock } = made;
  await services.tokens.keys.ensureCanSign(clock.now());
  const rotation = services.tokens.rotation as KeyRotation;
  const states = async () => (await rotation.list(clock.now())).map(({ state }) => state);
  const issue = async () =>
    (
      await services.tokens.access.issue(
        { ...subject, statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
        clock.now(),
      )
    ).token;
  const kid = async () => (await services.tokens.keys.current(clock.now())).kid;
  return { ...made, rotation, states, issue, kid };
}

function sibling({ database, clock }: TestServices, settings: Record<string, string> = {}): Services {
  return createServices(loadConfig({ ...testSettings, ALGORITHM: "ES256", ...database, ...settings }), clock);
}

describe("rotating keys", () => {
  test("the next key is published at least 65 minutes before it signs, and all instances change over at once", async () => {
    const made = await open();
    const { services, rotation, clock, kid, states } = made;
    const other = sibling(made);
    const first = await kid();
    const { kid: next, signsFrom, isNew } = await rotation.rotate(clock.now());
    expect([isNew, await states()]).toEqual([true, ["current", "next"]]);
    expect((signsFrom.getTime() - clock.now().getTime()) / 1000).toBeGreaterThanOrEqual(65 * minute);
    clock.advance(31);
    expect((await services.tokens.keys.jwks(clock.now())).keys.map((key) => key.kid)).toEqual([first, next]);
    clock.advance(66 * minute - 31 - 0.001);
    expect([await kid(), (await other.tokens.keys.current(clock.now())).kid]).toEqual([first, first]);
    clock.advance(0.001);
    expect([await kid(), (await other.tokens.keys.current(clock.now())).kid]).toEqual([next, next]);
    await other.close();
  });

  test("a token lives on until it expires, whatever has become of its key", async () => {
    const { services, rotation, clock, issue } = await open();
    const token = await issue();
    await rotation.rotateNow(clock.now());
    clock.advance(30 * minute + 59);
    expect(await services.tokens.access.verify(token, clock.now())).toEqual(subject);
  });

  test("a second rotation leaves the next key as it is, and --now promotes it", async () => {
    const { rotation, clock, states, kid } = await open();
    const published = await rotation.rotate(clock.now());
    expect(await rotation.rotate(clock.now())).toEqual({ ...published, isNew: false });
    expect(await rotation.rotateNow(clock.now())).toEqual({ kid: published.kid, signsFrom: clock.now(), isNew: false });
    expect(await states()).toEqual(["retired", "current"]);
    clock.advance(31);
    expect(await kid()).toBe(published.kid);
    expect((await rotation.rotateNow(clock.now())).isNew).toBe(true);
  });

  test("by ten at once publishes one key", async () => {
    const { rotation, clock, states } = await open();
    const published = await Promise.all(Array.from({ length: 10 }, () => rotation.rotate(clock.now())));
    expect(new Set(published.map(({ kid }) => kid)).size).toBe(1);
    expect(await states()).toEqual(["current", "next"]);
  });

  test("the nightly timer rotates when the key is old enough, and removes what nobody needs", async () => {
    const { rotation, clock, states } = await open();
    clock.advance(30 * day - 1);
    expect(await rotation.maintain(clock.now())).toEqual({ published: undefined, removed: 0 });
    clock.advance(1);
    expect((await rotation.maintain(clock.now())).published?.isNew).toBe(true);
    expect((await rotation.maintain(clock.now())).published, "it is there").toBeUndefined();
    clock.advance(day);
    expect(await rotation.maintain(clock.now())).toEqual({ published: undefined, removed: 1 });
    expect(await states()).toEqual(["current"]);
  });
});

describe("revoking a key", () => {
  test("refuses its tokens on every instance within 60 seconds, and the next key signs in its place", async () => {
    const made = await open();
    const { services, rotation, clock, issue, kid } = made;
    const other = sibling(made);
    const token = await issue();
    const verify = (on: Services) => on.tokens.access.verify(token, clock.now());
    expect([await verify(services), await verify(other)]).toEqual([subject, subject]);
    const next = await rotation.rotate(clock.now());
    expect((await rotation.revoke((await kid()) ?? "", clock.now()))?.row.kid).toBe(next.kid);
    clock.advance(31);
    for (const instance of [services, other])
      await expect(verify(instance)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await kid()).toBe(next.kid);
    expect((await services.tokens.keys.jwks(clock.now())).keys.map((key) => key.kid)).toEqual([next.kid]);
    await other.close();
  });

  test("lets neither a retired key sign again, nor one that nobody can open any more", async () => {
    const made = await open();
    const { rotation, clock, kid } = made;
    const first = await kid();
    const changed = {
      SECRET_KEY: "another-6f1d0c8e5b7a49d2a3c4e5f60718293a",
      SECRET_KEY_PREVIOUS: testSettings.SECRET_KEY,
    };
    const during = sibling(made, changed);
    clock.advance(60);
    const second = (await during.tokens.rotation?.rotateNow(clock.now()))?.kid ?? "";
    const after = sibling(made, { SECRET_KEY: changed.SECRET_KEY });
    const current = await after.tokens.rotation?.revoke(second, clock.now());
    expect([first, second]).not.toContain(current?.row.kid);
    expect((await after.tokens.keys.current(clock.now())).kid).toBe(current?.row.kid);
    const next = await rotation.rotate(clock.now());
    expect((await after.tokens.rotation?.revoke(current?.row.kid ?? "", clock.now()))?.row.kid).toBe(next.kid);
    await Promise.all([during.close(), after.close()]);
  });

  test("without a next key, a new one signs at once; an unknown one, and a second time, change nothing", async () => {
    const { rotation, clock, kid, states } = await open();
    const first = (await kid()) ?? "";
    expect((await rotation.revoke(first, clock.now()))?.state).toBe("current");
    expect(await states()).toEqual(["revoked", "current"]);
    expect(await rotation.revoke(first, clock.now())).toBeUndefined();
    expect(await rotation.revoke("unknown", clock.now())).toBeUndefined();
    expect(await states()).toEqual(["revoked", "current"]);
  });
});

describe("changing SECRET_KEY", () => {
  const changed = { SECRET_KEY: "another-6f1d0c8e5b7a49d2a3c4e5f60718293a" };

  test("with the one before as SECRET_KEY_PREVIOUS, signs on with the same key; after a rotation it may be left out", async () => {
    const made = await open();
    const { clock, kid } = made;
    const during = sibling(made, { ...changed, SECRET_KEY_PREVIOUS: testSettings.SECRET_KEY });
    expect((await during.tokens.keys.current(clock.now())).kid).toBe(await kid());
    const { kid: next } = await (during.tokens.rotation as KeyRotation).rotateNow(clock.now());
    const after = sibling(made, changed);
    expect((await after.tokens.keys.current(clock.now())).kid).toBe(next);
    await Promise.all([during.close(), after.close()]);
  });
});
