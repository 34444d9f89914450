import { describe, expect, test } from "vitest";
import { eraseDueAccounts } from "../../../shared/flows/maintenance/erase-accounts.ts";
import { readRecords } from "../../support/audit-chains.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { runTimer } from "../../support/jobs.ts";
import { newDevice, password, type Device } from "../../support/people.ts";
import { personWithEverything } from "../../support/person-with-everything.ts";
import { withSettings } from "../../support/service.ts";
import { startSocialService } from "../../support/social.ts";
import { statusLists } from "../../support/status-lists.ts";
import { tracesOf } from "../../support/traces.ts";

const service = await startSocialService();
const { api, clock, services } = service;
const day = 86_400;
const days = (count: number) => clock.advance(count * day);
const erase = () => eraseDueAccounts(contextOf(services));
const records = () => readRecords(services.database.queries);
const remove = ({ accessToken: bearer, cookie }: Device) => api.send("DELETE", "/auth/me", { bearer, cookie });

describe("accounts that are due to be erased", () => {
  test("leave no row that names the person in any column of any table, and their address is free", async () => {
    const { device, names } = await personWithEverything(service);
    const bystander = await newDevice(api);
    const found = await tracesOf(services, names);
    const tables = new Set(found.map((trace) => trace.split(".")[0]));
    for (const table of [
      "users",
      "identities",
      "sessions",
      "refresh_tokens",
      "one_time_tokens",
      "registrations",
      "mail_outbox",
      "mail_suppressions",
      "audit_events",
      "devices",
      "sign_in_failures",
    ])
      expect(tables, "this test can fail").toContain(table);
    expect((await remove(device)).status).toBe(200);
    days(29);
    expect(await erase()).toMatchObject({ erased: 0, isComplete: true });
    days(1);
    const [line] = (await runTimer("purge-expired")).slice(-1);
    expect(line).toMatchObject({ event: "job.finished", accounts_erased: 1, erasures_failed: 0 });
    expect(await tracesOf(services, names)).toEqual([]);
    const stays = (await records()).map(({ type }) => type);
    expect(stays, "what happened").toContain("account.deletion_requested");
    expect(await tracesOf(services, [claimsOf(bystander.accessToken).sub])).not.toEqual([]);
    const anew = { email: device.email, username: "Anew", password };
    expect((await api.post("/auth/register", { body: anew })).status).toBe(201);
  });

  test("by several runs at once, and in statements of one row: each is erased once", async () => {
    const people = [
      await personWithEverything(service),
      await personWithEverything(service),
      await personWithEverything(service),
    ];
    for (const { device } of people) expect((await remove(device)).status).toBe(200);
    days(30);
    const limits = { rowsAtOnce: 1, milliseconds: 60_000 };
    const reports = await Promise.all(Array.from({ length: 3 }, () => eraseDueAccounts(contextOf(services), limits)));
    expect(reports.reduce((sum, { erased }) => sum + erased, 0)).toBe(3);
    expect(
      await tracesOf(
        services,
        people.flatMap(({ names }) => names),
      ),
    ).toEqual([]);
  });

  test("when the time is up, wait for the next night", async () => {
    const [one, two] = [await newDevice(api), await newDevice(api)];
    for (const device of [one, two]) await remove(device);
    days(30);
    const none = { rowsAtOnce: 1000, milliseconds: -1 };
    expect(await eraseDueAccounts(contextOf(services), none)).toEqual({ erased: 0, failed: 0, isComplete: false });
    expect(await erase()).toEqual({ erased: 2, failed: 0, isComplete: true });
  });

  test("if one cannot be erased, the others are, and the log tells why", async () => {
    const [one, two] = [await newDevice(api), await newDevice(api)];
    for (const device of [one, two]) await remove(device);
    days(30);
    const failing = claimsOf(one.accessToken).sub;
    const broken = {
      ...services,
      transaction: ((call, work, options) =>
        services.transaction(
          call,
          async (tx, queries) => {
            const erased = async (accountId: string) => {
              if (accountId === failing) throw new Error("a table that nobody thought of refers to it");
              return tx.accounts.erase(accountId);
            };
            return work({ ...tx, accounts: { ...tx.accounts, erase: erased } }, queries);
          },
          options,
        )) as typeof services.transaction,
    };
    expect(await eraseDueAccounts(contextOf(broken))).toEqual({ erased: 1, failed: 1, isComplete: true });
    expect(await tracesOf(services, [failing])).not.toEqual([]);
    expect(await erase()).toEqual({ erased: 1, failed: 0, isComplete: true });
  });
});

describe("sessions of a deleted account", () => {
  test("are in the status lists as ended for as long as their tokens live, even without a grace period", async () => {
    withSettings(service, { ACCOUNT_DELETION_GRACE_DAYS: "0" });
    const device = await newDevice(api);
    const { idx, uri } = claimsOf(device.accessToken)["status"].status_list;
    const isEnded = async () => (await statusLists(service).fetchList(new URL(uri).pathname)).bit(idx) === 1;
    expect(await isEnded()).toBe(false);
    expect((await remove(device)).status).toBe(200);
    // A verifier takes a list for 5 minutes, and a token for one longer than it lives.
    for (const seconds of [10, 1800, 100]) {
      clock.advance(seconds);
      expect(await isEnded()).toBe(true);
      expect(await erase()).toMatchObject({ erased: 0, isComplete: true });
    }
    clock.advance(330);
    expect(await erase()).toMatchObject({ erased: 1, isComplete: true });
  });
});
