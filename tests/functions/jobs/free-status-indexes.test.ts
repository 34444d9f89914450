// When a place in the status lists may be another's: it is kept for as long as a token may be valid that names it.
import { beforeEach, describe, expect, test } from "vitest";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import type { Tables } from "../../../shared/sessions/tables.ts";
import { contextOf } from "../../support/context.ts";
import { claimsOf } from "../../support/clients.ts";
import { meStatus, newDevice, refresh, refreshed, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService({ REFRESH_TOKEN_EXPIRE_DAYS: "60" });
const db = services.database.queries.withTables<Tables>();

/** A token's life, two minutes for clocks and calls under way, and the life of a list that says it was ended. */
const keptSeconds = 1800 + 120 + 300;

const rowOf = ({ accessToken }: Device) =>
  db.selectFrom("sessions").selectAll().where("id", "=", claimsOf(accessToken).sid).executeTakeFirstOrThrow();
const logOut = async (device: Device) =>
  expect((await api.post("/auth/logout", { bearer: device.accessToken })).status).toBe(200);
const freed = async () => (await purgeExpired(contextOf(services))).places;

beforeEach(() => clock.advance(100 * 86_400));

describe("15.4 the place of a session that has ended", () => {
  test("is kept until no list says so any more of a token that may be valid, and then taken; its row stays", async () => {
    const [one, other] = [await newDevice(api), await newDevice(api)];
    await logOut(one);
    clock.advance(keptSeconds - 0.001);
    expect(await freed()).toBe(0);
    clock.advance(0.001);
    expect([await freed(), await freed()]).toEqual([1, 0]);
    expect(await rowOf(one)).toMatchObject({ status_index: null, end_reason: "logout" });
    expect((await rowOf(other)).status_index, "of a session that is live").not.toBeNull();
  });

  test("is kept for as long as the longest token lives that a key may have signed", async () => {
    const device = await newDevice(api);
    const keys = services.database.queries.withTables<{ signing_keys: { token_seconds: number } }>();
    const note = (seconds: number) => keys.updateTable("signing_keys").set({ token_seconds: seconds }).execute();
    await note(86_400);
    await logOut(device);
    clock.advance(keptSeconds);
    expect(await freed()).toBe(0);
    clock.advance(86_400 - 1800);
    expect(await freed()).toBe(1);
    await note(1800);
  });

  test("without it a session can not come back, by any of its tokens, and a late reuse is still known", async () => {
    const first = await newDevice(api);
    const second = await refreshed(api, first);
    await logOut(second);
    clock.advance(keptSeconds);
    expect(await freed()).toBe(1);
    for (const { cookie } of [first, second]) expect((await refresh(api, cookie)).status).toBe(401);
    expect(await meStatus(api, second)).toBe(401);
    expect(await rowOf(second)).toMatchObject({ status_index: null, end_reason: "logout" });
  });

  test("is taken in batches, by several instances at once too", async () => {
    const { email, accessToken } = await newDevice(api);
    for (let made = 0; made < 9; made += 1) await signIn(api, email);
    await services.sessions.endAll({ accountId: claimsOf(accessToken).sub }, clock.now());
    const then = addSeconds(clock.now(), keptSeconds);
    const limits = { batchSize: 2, milliseconds: 60_000 };
    const reports = await Promise.all(Array.from({ length: 3 }, () => purgeExpired(contextOf(services, then), limits)));
    expect(reports.reduce((sum, { places }) => sum + places, 0)).toBe(10);
    expect(reports.every(({ isComplete }) => isComplete)).toBe(true);
  });
});
