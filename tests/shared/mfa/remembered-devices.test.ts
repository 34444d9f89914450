import { describe, expect, test } from "vitest";
import { createMfa } from "../../../shared/mfa/store.ts";
import { hashRecoveryCode, newRecoveryCodes } from "../../../shared/mfa/recovery-codes.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createMfaCalls, fifty, mfaSince } from "../../support/mfa.ts";
import { createTestServices } from "../../support/service.ts";

const given = await createTestServices();
const { services, clock, database } = given;
const { now, inTransaction, db, newAccount, addApp, newApp, remember } = createMfaCalls(given);
const day = 86_400;

/** An account with an app, and a device of it that is remembered. */
async function remembered(overrides: Parameters<typeof remember>[1] = {}) {
  const accountId = await newAccount();
  const app = await newApp(accountId);
  return { app, ...(await remember(accountId, overrides)) };
}

describe("20.7 a remembered device", () => {
  test("is good again and again, on every instance, also for 50 at once, and says where it was used last", async () => {
    const { accountId, use } = await remembered();
    const elsewhere = await createTestServices({}, database);
    const outcomes = await fifty((turn) => use({}, turn % 2 === 0 ? given : elsewhere));
    expect(outcomes.every(Boolean)).toBe(true);
    clock.advance(60);
    expect(await use({ source: { address: "198.51.100.7", userAgent: "Firefox" } })).toBe(true);
    expect(await services.mfa.rememberedDevices.list(accountId, now())).toEqual([
      expect.objectContaining({ address: "198.51.100.7", user_agent: "Firefox", last_used_at: now() }),
    ]);
  });

  test("is asked of the database only with a text that the service has signed for this account on this device", async () => {
    const { text, accountId, deviceHash } = await remembered();
    const other = await newAccount();
    const { read } = services.mfa.rememberedDevices;
    expect(read(text, { accountId, deviceHash })).toHaveLength(32);
    expect(read(text, { accountId: other, deviceHash })).toBeUndefined();
    expect(read(text, { accountId, deviceHash: Buffer.alloc(32, 8) })).toBeUndefined();
    for (const forged of changesOf(text)) expect(read(forged, { accountId, deviceHash }), forged).toBeUndefined();
    expect(read(undefined, { accountId, deviceHash })).toBeUndefined();
  });

  test("is good with the key before a rotation, and not with a foreign key", async () => {
    const { text, ...device } = await remembered();
    const { secretKey } = services.config.service;
    const at = (key: string, previousSecretKey?: string) =>
      createMfa({ secretKey: key, previousSecretKey })(services.database.queries).rememberedDevices.read(text, device);
    expect(at("another", secretKey)).toHaveLength(32);
    expect(at("another")).toBeUndefined();
  });

  test.each([
    ["of another account", async () => ({ accountId: await newAccount() })],
    ["on another device", async () => ({ deviceHash: Buffer.alloc(32, 8) })],
    ["by another random token", async () => ({ text: "A".repeat(87) })],
    [
      "of an account that takes a second factor since another time",
      async () => ({ mfaSince: addSeconds(mfaSince, 1) }),
    ],
    ["once remembering is off", async () => ({ seconds: 0 })],
  ])("is none %s", async (_what, changes) => {
    const { use } = await remembered();
    expect(await use(await changes())).toBe(false);
    expect(await use()).toBe(true);
  });

  test("is good for as long as was said, and for less once the setting says so", async () => {
    const { accountId, use } = await remembered();
    clock.advance(30 * day - 1);
    expect(await use({ seconds: 30 * day - 1 })).toBe(false);
    expect(await use()).toBe(true);
    clock.advance(1);
    expect(await use({ seconds: 90 * day })).toBe(false);
    expect(await services.mfa.rememberedDevices.list(accountId, now())).toEqual([]);
  });

  const codes = () => newRecoveryCodes().flatMap((code) => hashRecoveryCode(code) ?? []);

  test.each([
    ["an app is added", (accountId: string) => newApp(accountId)],
    ["the app is removed", async (accountId: string, id: string) => services.mfa.totp.remove({ id, accountId })],
    [
      "the app is replaced",
      async (accountId: string, id: string) => {
        await services.mfa.totp.remove({ id, accountId });
        await newApp(accountId);
      },
    ],
    [
      "recovery codes are made",
      (accountId: string) => inTransaction((tx) => tx.mfa.recoveryCodes.replace({ accountId, hashes: codes() }, now())),
    ],
  ])("is none any more once %s, also if nothing has ended it", async (_what, change) => {
    const { accountId, app, use } = await remembered();
    clock.advance(1);
    await change(accountId, app.id);
    expect(await use()).toBe(false);
  });

  test("stays one while an app is begun or renamed, or a recovery code is used", async () => {
    const accountId = await newAccount();
    const { id } = await newApp(accountId);
    const hashes = codes();
    await inTransaction((tx) => tx.mfa.recoveryCodes.replace({ accountId, hashes }, now()));
    const { use } = await remember(accountId);
    clock.advance(1);
    await addApp(accountId);
    await services.mfa.totp.rename({ id, accountId, name: "Tablet" });
    const [codeHash = Buffer.alloc(0)] = hashes;
    expect(await services.mfa.recoveryCodes.use({ accountId, codeHash }, now())).toBe(true);
    expect(await use()).toBe(true);
  });

  test("is remembered once: the newest token counts", async () => {
    const { accountId, use } = await remembered();
    const again = await remember(accountId);
    expect([await use(), await again.use()]).toEqual([false, true]);
    expect(await services.mfa.rememberedDevices.list(accountId, now())).toHaveLength(1);
  });

  test("of an account that has 20 ends when another one is remembered", async () => {
    const first = await remembered();
    const others = [];
    for (let turn = 0; turn < 20; turn += 1) {
      clock.advance(1);
      others.push(await remember(first.accountId, { deviceHash: Buffer.alloc(32, 100 + turn) }));
    }
    const outcomes = await Promise.all([first, ...others].map(({ use }) => use()));
    expect(outcomes).toEqual([false, ...others.map(() => true)]);
  });

  test("ends by its id, of its own account, or with all others of the account", async () => {
    const [one, two] = [await remembered(), await remembered()];
    const { remove } = services.mfa.rememberedDevices;
    expect(await remove({ id: one.id, accountId: two.accountId })).toBe(false);
    expect(await remove(one)).toBe(true);
    expect(await remove(one)).toBe(false);
    expect([await one.use(), await two.use()]).toEqual([false, true]);
    await inTransaction((tx) => tx.mfa.endSignIns(two.accountId));
    expect(await two.use()).toBe(false);
  });

  test("that has expired is purged, up to a limit, and no other", async () => {
    const [{ accountId }, kept] = [await remembered({ seconds: day }), await remembered()];
    await remember(accountId, { seconds: day, deviceHash: Buffer.alloc(32, 9) });
    clock.advance(day);
    const count = async () => (await db.selectFrom("remembered_devices").select("id").execute()).length;
    const before = await count();
    const { purge } = services.mfa.rememberedDevices;
    expect(await purge(1, now())).toBe(1);
    expect(await purge(10, now())).toBe(before - 1 - (await count()));
    expect(await purge(10, now())).toBe(0);
    expect(await kept.use()).toBe(true);
  });
});

/** Texts that differ from this one by little. */
function changesOf(text: string): string[] {
  const [token = "", signature = ""] = text.split(".");
  const flipped = (part: string) => (part.startsWith("A") ? "B" : "A") + part.slice(1);
  return [
    "",
    ".",
    token,
    `${token}.`,
    `${flipped(token)}.${signature}`,
    `${token}.${flipped(signature)}`,
    `${signature}.${token}`,
    `${token}.${signature}.`,
    ` ${text}`,
    text.toUpperCase(),
    "A".repeat(87),
    `${"A".repeat(43)}.${"A".repeat(43)}`,
  ];
}
