import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { afterlifeSeconds, purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { createDatabaseCounter } from "../../../shared/limits/database-counter.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, provideServices } from "../../../shared/services.ts";
import type { SessionQueries, Tables } from "../../../shared/sessions/tables.ts";
import { contextOf } from "../../support/context.ts";
import { claimsOf, clientToken, newClient } from "../../support/clients.ts";
import { runTimer } from "../../support/jobs.ts";
import { meStatus, newDevice, refresh, refreshed, signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const { api, services, clock, database } = await startService();
const day = 86_400;
const db: SessionQueries = services.database.queries.withTables<Tables>();

async function count(table: "sessions" | "refresh_tokens"): Promise<number> {
  return (await db.selectFrom(table).select("expires_at").execute()).length;
}

/** What a purge would find to do that runs when nothing that has expired by now is needed any more. */
const purged = async () => {
  const { refreshTokens, sessions } = await purgeExpired(
    contextOf(services, addSeconds(clock.now(), afterlifeSeconds)),
  );
  return [refreshTokens, sessions];
};

beforeEach(async () => {
  clock.advance(365 * day);
  await purgeExpired(contextOf(services));
});

describe("the nightly purge", () => {
  test("is due once a day, and says in one line what it has removed", async () => {
    await newDevice(api);
    clock.advance(7 * day + afterlifeSeconds);
    const lines = await runTimer("purge-expired");
    const told = {
      event: "job.finished",
      level: "info",
      function: "purge-expired",
      expired: 1,
      sessions: 1,
      of_clients: 0,
      places: 0,
      rememberedDevices: 0,
      events: 0,
      former_events: 0,
      batches: 1,
    };
    expect(lines).toEqual([expect.objectContaining({ ...told, is_complete: true })]);
    expect(lines[0]).toHaveProperty("milliseconds");
  });

  test("removes a token when it has expired, and not a millisecond before", async () => {
    await newDevice(api);
    clock.advance(7 * day - 0.001);
    expect(await purged()).toEqual([0, 0]);
    clock.advance(0.001);
    expect(await purged()).toEqual([1, 1]);
  });

  test("leaves a session that is in use, with its unused token, and the tokens by which a reuse is found", async () => {
    const first = await newDevice(api);
    clock.advance(day);
    const second = await refreshed(api, first);
    clock.advance(6 * day);
    expect(await purged(), "the first token has expired, the session lives on").toEqual([1, 0]);
    const third = await refreshed(api, second);
    clock.advance(60);
    expect(await purged()).toEqual([0, 0]);
    expect((await refresh(api, second.cookie)).status, "a late reuse").toBe(401);
    expect(await meStatus(api, third)).toBe(401);
  });

  test("removes an ended session with its last token, and the other devices stay signed in", async () => {
    const one = await newDevice(api);
    expect((await api.post("/auth/logout", { bearer: one.accessToken })).status).toBe(200);
    clock.advance(day);
    const other = await signIn(api, one.email);
    clock.advance(6 * day);
    expect(await purged()).toEqual([1, 1]);
    expect((await refresh(api, one.cookie)).status).toBe(401);
    expect((await refresh(api, other.cookie)).status).toBe(200);
  });

  test("removes clients' tokens in batches too", async () => {
    const client = await newClient({ services, clock, database });
    for (let made = 0; made < 5; made += 1) await clientToken(api, client);
    const report = await purgeExpired(contextOf(services, addSeconds(clock.now(), 2000)), {
      batchSize: 2,
      milliseconds: 60_000,
    });
    expect(report).toMatchObject({ clientTokens: 5, batches: 3, isComplete: true });
  });

  test("removes used states in batches, two minutes after their attempts are over: clocks differ", async () => {
    const over = clock.now();
    for (let made = 0; made < 5; made += 1) await services.social.usedStates.use(`state ${made}`, over);
    const limits = { batchSize: 2, milliseconds: 60_000 };
    expect(await purgeExpired(contextOf(services, addSeconds(over, 119.999)), limits)).toMatchObject({ usedStates: 0 });
    expect(await services.social.usedStates.use("state 0", over)).toBe(false);
    expect(await purgeExpired(contextOf(services, addSeconds(over, 120)), limits)).toMatchObject({
      usedStates: 5,
      batches: 3,
    });
  });

  test("removes counts of rate limits eight at a time where others go one by one: anyone can add to them", async () => {
    const counter = createDatabaseCounter(services.database);
    const over = clock.now();
    const attempts = Array.from({ length: 16 }, (_, index) => ({ bucket: Buffer.alloc(32, index), windowSeconds: 60 }));
    await counter.count(attempts, over);
    const limits = { batchSize: 1, milliseconds: 60_000 };
    const purge = (seconds: number) => purgeExpired(contextOf(services, addSeconds(over, seconds)), limits);
    expect(await purge(60 + 119.999)).toMatchObject({ rateLimits: 0 });
    expect(await purge(60 + 120)).toMatchObject({ rateLimits: 16, batches: 3, isComplete: true });
  });

  test("removes a client's token when it has expired, and the places of sessions become free no sooner", async () => {
    const client = await newClient({ services, clock, database });
    await clientToken(api, client);
    await newDevice(api);
    const report = async (seconds: number) => {
      const { sessions, clientTokens } = await purgeExpired(contextOf(services, addSeconds(clock.now(), seconds)));
      return [sessions, clientTokens];
    };
    expect(await report(1800 + 119.999)).toEqual([0, 0]);
    expect(await report(1800 + 120)).toEqual([0, 1]);
    expect(await report(8 * day + 119.999)).toEqual([0, 0]);
    expect(await report(8 * day + 120)).toEqual([1, 0]);
  });

  test("works in batches, and stops when its time is up; the next night goes on", async () => {
    const { email } = await newDevice(api);
    const [account] = await db.selectFrom("users").select("id").where("email", "=", email).execute();
    const sessionId = services.clock.now().getTime().toString(16).padStart(12, "0");
    const id = `00000000-0000-8000-8000-${sessionId}`;
    const now = clock.now();
    const row = {
      id,
      user_id: account?.id ?? "",
      created_at: now,
      expires_at: now,
      ended_at: null,
      end_reason: null,
      status_index: null,
    };
    await db.insertInto("sessions").values(row).execute();
    for (let index = 0; index < 25; index += 1) {
      const token = { token_hash: Buffer.alloc(32, index), session_id: id, created_at: now, expires_at: now };
      await db
        .insertInto("refresh_tokens")
        .values({ ...token, consumed_at: null, used_from: null })
        .execute();
    }
    const then = addSeconds(now, afterlifeSeconds);
    const short = await purgeExpired(contextOf(services, then), { batchSize: 10, milliseconds: 0 });
    const others = {
      clientTokens: 0,
      formerEvents: 0,
      devices: 0,
      signInFailures: 0,
      usedStates: 0,
      rateLimits: 0,
      oneTimeTokens: 0,
      mails: 0,
      stoppedAddresses: 0,
      registrations: 0,
      mfaChallenges: 0,
      passkeyChallenges: 0,
      unconfirmedFactors: 0,
      appsSealedAnew: 0,
      places: 0,
      rememberedDevices: 0,
    };
    expect(short).toEqual({ refreshTokens: 10, sessions: 0, batches: 1, isComplete: false, ...others });
    const rest = await purgeExpired(contextOf(services, then), { batchSize: 10, milliseconds: 60_000 });
    expect(rest).toEqual({ refreshTokens: 15, sessions: 1, batches: 2, isComplete: true, ...others });
  });

  test("allows mail to an address again 30 days after mail came back from it", async () => {
    const stop = (address: string) => services.suppressions.add(address, { reason: "Bounced", now: clock.now() });
    for (const address of ["one@example.com", "two@example.com", "three@example.com"]) await stop(address);
    clock.advance(30 * day - 0.001);
    expect(await purgeExpired(contextOf(services))).toMatchObject({ stoppedAddresses: 0 });
    await stop("four@example.com");
    clock.advance(0.001);
    const limits = { batchSize: 2, milliseconds: 60_000 };
    expect(await purgeExpired(contextOf(services), limits)).toMatchObject({ stoppedAddresses: 3, batches: 2 });
    expect(await services.suppressions.has("one@example.com")).toBe(false);
    expect(await services.suppressions.has("four@example.com")).toBe(true);
  });

  test("empties the table to which only the release before adds, and an account that it names can be erased", async () => {
    const device = await newDevice(api);
    const { sub: accountId } = claimsOf(device.accessToken);
    const add = (user: string | null) => {
      const [id, at] = [newId(clock.now()), clock.now().toISOString()];
      const values = sql`${id}, ${user}, 'sign_in.succeeded', 'success', ${at}, 1`;
      return sql`insert into account_events (id, user_id, type, outcome, created_at, ordinal) values (${values})`.execute(
        db,
      );
    };
    for (const user of [accountId, accountId, null]) await add(user);
    expect(await services.activity.removeFormer(accountId, 5)).toBe(2);
    await add(accountId);
    expect(await purgeExpired(contextOf(services))).toMatchObject({ formerEvents: 0 });
    expect(await purgeExpired(contextOf(services, addSeconds(clock.now(), 120)))).toMatchObject({ formerEvents: 2 });
  });

  test("run by several instances at once, removes each row once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => newDevice(api)));
    clock.advance(7 * day + afterlifeSeconds);
    const reports = await Promise.all(Array.from({ length: 4 }, () => purgeExpired(contextOf(services))));
    expect(reports.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(8);
    expect([await count("sessions"), await count("refresh_tokens")]).toEqual([0, 0]);
  });

  test("with the database away, fails in one line and throws, so that the host shows it", async () => {
    const away = createServices(loadConfig({ ...testSettings, EMBEDDED_DB_FILE: "/dev/null/latchkey.db" }), clock);
    provideServices(away);
    const lines: Record<string, unknown>[] = [];
    await expect(runTimer("purge-expired", lines)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(lines).toEqual([expect.objectContaining({ event: "job.failed", level: "error" })]);
    provideServices(services);
  });
});
