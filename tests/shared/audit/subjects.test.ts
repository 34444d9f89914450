import { describe, expect, test } from "vitest";
import { giveAuditId } from "../../../shared/accounts/audit-ids.ts";
import type { UsersTable } from "../../../shared/accounts/tables.ts";
import { createSubjects } from "../../../shared/audit/subjects.ts";
import type { Queries } from "../../../shared/platform/database/database.ts";
import { claimsOf } from "../../support/clients.ts";
import { newDevice, registerPerson, signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, services, logLines } = service;
const { queries } = services.database;
const users = queries.withTables<{ users: UsersTable }>();
const uuid = /^[\da-f]{8}-[\da-f]{4}-[48][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const newAccount = async () => claimsOf((await newDevice(api)).accessToken).sub;
const storedFor = async (id: string) =>
  (await users.selectFrom("users").select("audit_id").where("id", "=", id).executeTakeFirst())?.audit_id;
const asOfOlderRelease = (id: string) =>
  users.updateTable("users").set({ audit_id: null }).where("id", "=", id).execute();

describe("the audit id of an account", () => {
  test("is drawn when it is made, is no other id of it, and is kept", async () => {
    const [one, other] = [await newAccount(), await newAccount()];
    const ids = [await storedFor(one), await storedFor(other)];
    expect(ids).toEqual([expect.stringMatching(uuid), expect.stringMatching(uuid)]);
    expect(new Set([...ids, one, other]).size).toBe(4);
    expect(await createSubjects(giveAuditId).auditIdOf(queries, one)).toBe(ids[0]);
  });

  test("is in no answer and no log line", async () => {
    const email = await registerPerson(api);
    const device = await signIn(api, email);
    const auditId = (await storedFor(claimsOf(device.accessToken).sub)) ?? "";
    const { accessToken: bearer, cookie } = device;
    const answers = [
      await api.get("/auth/me", { bearer }),
      await api.get("/auth/me/activity", { bearer }),
      await api.get("/auth/sessions", { bearer }),
      await api.post("/auth/me/export", { bearer, cookie }),
      await api.post("/auth/refresh", { cookie }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const text = JSON.stringify([answers.map(({ json, headers }) => [json, headers]), claimsOf(bearer), logLines]);
    expect(text).not.toContain(auditId);
    expect(text).not.toContain("audit_id");
  });

  test("needs no query for an account that the call has read, and is taken out of what was read", async () => {
    const asked: string[] = [];
    const subjects = createSubjects((...given) => (asked.push(given[1].accountId), giveAuditId(...given)));
    const id = await newAccount();
    const read = () =>
      subjects
        .watching(queries)
        .withTables<{ users: UsersTable }>()
        .selectFrom("users")
        .select(["id", "username", "audit_id"])
        .where("id", "=", id);
    expect(await read().execute()).toEqual([{ id, username: expect.any(String) }]);
    expect(await subjects.auditIdOf(queries, id)).toBe(await storedFor(id));
    expect(asked).toEqual([]);
    subjects.forget(id);
    expect(await subjects.auditIdOf(queries, id)).toBe(await storedFor(id));
    expect(asked).toEqual([id]);
  });

  test("is given to a row of an older release, by one of several instances", async () => {
    const id = await newAccount();
    await asOfOlderRelease(id);
    const instances = Array.from({ length: 8 }, () => createSubjects(giveAuditId));
    const given = await Promise.all(instances.map((subjects) => subjects.auditIdOf(queries, id)));
    expect(new Set(given)).toEqual(new Set([await storedFor(id)]));
    expect(given[0]).toMatch(uuid);
  });

  test("is given to all rows of an older release by the upkeep, in batches, and no row loses its own", async () => {
    const [kept, ...others] = [await newAccount(), await newAccount(), await newAccount(), await newAccount()];
    const before = await storedFor(kept);
    for (const id of others) await asOfOlderRelease(id);
    await Promise.all([services.accounts.bringUpToDate({ batchSize: 2 }), services.accounts.bringUpToDate()]);
    const given = await Promise.all(others.map(storedFor));
    expect(given).toEqual(others.map(() => expect.stringMatching(uuid)));
    expect(new Set([before, ...given]).size).toBe(4);
    expect(await storedFor(kept)).toBe(before);
  });

  test("19.20 given in a transaction that is undone, is not remembered: another instance may give another", async () => {
    const [subjects, other] = [createSubjects(giveAuditId), createSubjects(giveAuditId)];
    const id = await newAccount();
    await asOfOlderRelease(id);
    const given = new Set<string | undefined>();
    const readIn = (inside: Queries) =>
      subjects
        .watching(inside)
        .withTables<{ users: UsersTable }>()
        .selectFrom("users")
        .select(["id", "audit_id"])
        .where("id", "=", id)
        .execute();
    const work = async (inside: Queries) => {
      given.add(await subjects.auditIdOf(inside, id));
      await readIn(inside);
      given.add(await subjects.auditIdOf(inside, id));
      throw new Error("undone");
    };
    await expect(services.database.transaction(work)).rejects.toThrow("undone");
    expect([[...given], await storedFor(id)]).toEqual([[expect.stringMatching(uuid)], null]);
    const stored = await other.auditIdOf(queries, id);
    expect([...given]).not.toContain(stored);
    expect(await subjects.auditIdOf(queries, id)).toBe(stored);
    expect(await storedFor(id)).toBe(stored);
  });

  test("19.20 given in a transaction that is committed, is remembered once it is read outside", async () => {
    const asked: string[] = [];
    const subjects = createSubjects((...call) => (asked.push(call[1].accountId), giveAuditId(...call)));
    const id = await newAccount();
    await asOfOlderRelease(id);
    const given = await services.database.transaction((inside) => subjects.auditIdOf(inside, id));
    const read = [await subjects.auditIdOf(queries, id), await subjects.auditIdOf(queries, id), await storedFor(id)];
    expect(read).toEqual([given, given, given]);
    expect(asked).toEqual([id, id]);
  });

  test("is forgotten with the account, and after a minute", async () => {
    const subjects = createSubjects(giveAuditId, { milliseconds: 0 });
    const id = await newAccount();
    expect(await subjects.auditIdOf(queries, id)).toBe(await storedFor(id));
    await users
      .updateTable("users")
      .set({ audit_id: "00000000-0000-4000-8000-000000000000" })
      .where("id", "=", id)
      .execute();
    expect(await subjects.auditIdOf(queries, id)).toBe("00000000-0000-4000-8000-000000000000");
    expect(await subjects.auditIdOf(queries, "00000000-0000-8000-8000-00000000abcd")).toBeUndefined();
  });

  test("is remembered for so many accounts, those longest unread forgotten first", async () => {
    const asked: string[] = [];
    const subjects = createSubjects(async (_queries, { accountId }) => (asked.push(accountId), `of ${accountId}`), {
      size: 3,
    });
    for (const id of ["a", "b", "c", "d", "c", "b", "a"])
      expect(await subjects.auditIdOf(queries, id)).toBe(`of ${id}`);
    expect(asked).toEqual(["a", "b", "c", "d", "a"]);
  });
});
