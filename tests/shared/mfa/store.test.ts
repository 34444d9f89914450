import { describe, expect, test } from "vitest";
import { hashRecoveryCode, newRecoveryCodes } from "../../../shared/mfa/recovery-codes.ts";
import { createMfaCalls, fifty } from "../../support/mfa.ts";
import { createTestServices } from "../../support/service.ts";

const given = await createTestServices();
const {
  services: { mfa },
  database,
} = given;
const { now, inTransaction, db, newAccount, addApp, newApp, issue, remember } = createMfaCalls(given);

describe("recovery codes", () => {
  const hashes = (codes: readonly string[]) => codes.flatMap((code) => hashRecoveryCode(code) ?? []);

  test("work once each, of 50 callers on two instances, and for their own account", async () => {
    const [accountId, other] = [await newAccount(), await newAccount()];
    const codes = hashes(newRecoveryCodes());
    await inTransaction((tx) => tx.mfa.recoveryCodes.replace({ accountId, hashes: codes }, now()));
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = codes;
    const elsewhere = (await createTestServices({}, database)).services;
    expect(await mfa.recoveryCodes.use({ accountId: other, codeHash: first }, now())).toBe(false);
    const won = await fifty((turn) => {
      const { recoveryCodes } = turn % 2 === 0 ? mfa : elsewhere.mfa;
      return recoveryCodes.use({ accountId, codeHash: first }, now());
    });
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await mfa.recoveryCodes.countLeft(accountId)).toBe(9);
    expect(await mfa.recoveryCodes.use({ accountId, codeHash: second }, now())).toBe(true);
    expect(await mfa.recoveryCodes.countLeft(accountId)).toBe(8);
    const listed = await mfa.recoveryCodes.list(accountId);
    expect(listed.map((code) => code.used_at !== null).toSorted()).toEqual([...Array(8).fill(false), true, true]);
  });

  test("end with new ones, used or not", async () => {
    const accountId = await newAccount();
    const [old, fresh] = [hashes(newRecoveryCodes()), hashes(newRecoveryCodes())];
    for (const each of [old, fresh, fresh])
      await inTransaction((tx) => tx.mfa.recoveryCodes.replace({ accountId, hashes: each }, now()));
    expect(await mfa.recoveryCodes.countLeft(accountId)).toBe(10);
    const [codeHash = Buffer.alloc(0)] = old;
    expect(await mfa.recoveryCodes.use({ accountId, codeHash }, now())).toBe(false);
  });
});

test("an erased account leaves nothing, and others keep theirs", async () => {
  const [accountId, other] = [await newAccount(), await newAccount()];
  for (const each of [accountId, other]) {
    await newApp(each);
    await addApp(each);
    await issue(each);
    await remember(each);
    const codes = newRecoveryCodes().flatMap((code) => hashRecoveryCode(code) ?? []);
    await inTransaction((tx) => tx.mfa.recoveryCodes.replace({ accountId: each, hashes: codes }, now()));
  }
  await inTransaction((tx) => tx.mfa.removeAll(accountId));
  const left = async (id: string) => [
    (await db.selectFrom("totp_factors").select("id").where("user_id", "=", id).execute()).length,
    (await db.selectFrom("recovery_codes").select("used_at").where("user_id", "=", id).execute()).length,
    (await db.selectFrom("mfa_challenges").select("tries").where("user_id", "=", id).execute()).length,
    (await db.selectFrom("remembered_devices").select("id").where("user_id", "=", id).execute()).length,
  ];
  expect([await left(accountId), await left(other)]).toEqual([
    [0, 0, 0, 0],
    [2, 10, 1, 1],
  ]);
});
