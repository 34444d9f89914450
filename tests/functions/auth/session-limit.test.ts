import { setImmediate } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signInWithProvider } from "../../../shared/flows/sign-in/provider-sign-in.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import type { Tables } from "../../../shared/sessions/tables.ts";
import type { Provider } from "../../../shared/social/provider.ts";
import { noSource } from "../../../shared/platform/source.ts";
import { contextOf } from "../../support/context.ts";
import { claimsOf } from "../../support/clients.ts";
import { meStatus, newDevice, refresh, refreshed, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService({ SESSIONS_PER_ACCOUNT: "5" });
const { api, clock, services, logLines } = service;
const db = services.database.queries.withTables<Tables>();

const sessionOf = ({ accessToken }: Device): string => claimsOf(accessToken).sid;

describe("15.4 SESSIONS_PER_ACCOUNT", () => {
  test("a sign-in beyond the limit ends the session that was used longest ago, audited with its account and reason", async () => {
    const email = await registerPerson(api);
    const devices = await devicesOf(email, 5);
    expect(await live(devices)).toEqual(Array(5).fill(true));
    logLines.length = 0;
    const [another] = await devicesOf(email, 1);
    expect(await live(devices)).toEqual([false, true, true, true, true]);
    const first = devices[0] as Device;
    expect(endedInLog()).toEqual([
      { id: sessionOf(first), reason: "too many sessions", accountId: claimsOf(first.accessToken).sub },
    ]);
    const row = await db
      .selectFrom("sessions")
      .select(["end_reason", "ended_at"])
      .where("id", "=", sessionOf(first))
      .executeTakeFirst();
    expect(row).toEqual({ end_reason: "limit", ended_at: clock.now() });
    expect((await refresh(api, first.cookie)).status).toBe(401);
    expect(await meStatus(api, another as Device)).toBe(200);
  });

  test("used is what was refreshed, not what was begun: the one in use stays", async () => {
    const email = await registerPerson(api);
    const [oldest, ...others] = await devicesOf(email, 5);
    clock.advance(60);
    const used = await refreshed(api, oldest as Device);
    await devicesOf(email, 1);
    expect(await live([used, ...others])).toEqual([true, false, true, true, true]);
  });

  test("sessions that have ended, or were not used for a week, do not count", async () => {
    const email = await registerPerson(api);
    const forgotten = await devicesOf(email, 2);
    clock.advance(7 * 86_400);
    const [leaving, ...staying] = await devicesOf(email, 4);
    await api.post("/auth/logout", { bearer: leaving?.accessToken });
    logLines.length = 0;
    const more = await devicesOf(email, 2);
    expect(endedInLog()).toEqual([]);
    expect(await live([...staying, ...more])).toEqual(Array(5).fill(true));
    expect((await refresh(api, forgotten[0]?.cookie ?? "")).status).toBe(401);
  });

  test("other accounts are not touched", async () => {
    const bystander = await newDevice(api);
    await devicesOf(await registerPerson(api), 8);
    expect(await meStatus(api, bystander)).toBe(200);
  });

  test("of 60 sign-ins at once exactly the limit are left, and each new one ended another", async () => {
    const email = await registerPerson(api);
    const before = await devicesOf(email, 5);
    clock.advance(60);
    logLines.length = 0;
    const devices = await Promise.all(Array.from({ length: 60 }, () => signIn(api, email)));
    expect((await live(before)).filter(Boolean), "those of before are older").toHaveLength(0);
    expect((await live(devices)).filter(Boolean)).toHaveLength(5);
    expect(new Set(endedInLog().map(({ id }) => id)).size).toBe(60);
    expect(endedInLog()).toHaveLength(60);
  });

  test("after the limit was lowered the next sign-in ends as many as needed, and the newest stay", async () => {
    const email = await registerPerson(api);
    const devices = await devicesOf(email, 5);
    withSettings(service, { SESSIONS_PER_ACCOUNT: "2" });
    const [another] = await devicesOf(email, 1);
    expect(await live([...devices, another as Device])).toEqual([false, false, false, false, true, true]);
  });

  test("with a limit of one, a sign-in ends the one before it", async () => {
    withSettings(service, { SESSIONS_PER_ACCOUNT: "1" });
    const email = await registerPerson(api);
    const devices = await devicesOf(email, 3);
    expect(await live(devices)).toEqual([false, false, true]);
  });

  test("more sessions than one statement names are ended too", async () => {
    const { accessToken } = await newDevice(api);
    const { sub: accountId } = claimsOf(accessToken);
    const now = clock.now();
    const expires = { expires_at: addSeconds(now, 86_400) };
    await db.transaction().execute(async (tx) => {
      for (let made = 0; made < 1200; made += 1) {
        const session = { id: newId(now), user_id: accountId, created_at: now, ended_at: null, end_reason: null };
        const token = { token_hash: randomBytes(32), session_id: session.id, created_at: now, consumed_at: null };
        await tx
          .insertInto("sessions")
          .values({ ...session, ...expires, status_index: null })
          .execute();
        await tx
          .insertInto("refresh_tokens")
          .values({ ...token, ...expires, used_from: null })
          .execute();
        // A connection that waits meanwhile would be closed just as it is used.
        if (made % 100 === 0) await setImmediate();
      }
    });
    clock.advance(1);
    const authentication = { at: clock.now(), methods: [] };
    const keys = { sessionId: newId(clock.now()), accountId, tokenHash: randomBytes(32), authentication };
    const displaced = await services.transaction(contextOf(services), (tx) => tx.sessions.makeRoom(keys, clock.now()));
    expect(new Set(displaced).size).toBe(1201 - 4);
  });

  test("a session that is begun again, since its commit was not answered, ends no further one", async () => {
    const email = await registerPerson(api);
    const devices = await devicesOf(email, 5);
    const { sub } = claimsOf((devices[0] as Device).accessToken);
    const keys = {
      sessionId: "00000000-0000-8000-8000-0000000000aa",
      accountId: sub,
      tokenHash: Buffer.alloc(32, 7),
      authentication: { at: clock.now(), methods: [] },
      source: noSource,
    };
    clock.advance(60);
    const begin = () =>
      services.transaction(contextOf(services), async (tx) => ({
        displaced: await tx.sessions.makeRoom(keys, clock.now()),
        ...(await tx.sessions.begin(keys, clock.now())),
      }));
    const [first, second] = [await begin(), await begin()];
    expect([first.displaced, second.displaced]).toEqual([[sessionOf(devices[0] as Device)], []]);
    expect(second.statusIndex).toBe(first.statusIndex);
    expect(await live(devices)).toEqual([false, true, true, true, true]);
  });

  test("a sign-in at a provider counts as any other, and audits what it ends", async () => {
    const provider = { name: "acme", displayName: "Acme" } as Provider;
    const profile = {
      subject: "one",
      email: "one@example.com",
      isEmailVerified: true,
      name: undefined,
      picture: undefined,
      login: undefined,
      authenticatedAt: clock.now(),
    };
    const lines: string[] = [];
    const write = (_level: string, line: string) => void lines.push(line);
    const sids: string[] = [];
    await withinInvocation({ requestId: "r", functionName: "f", write }, async () => {
      for (let made = 0; made < 6; made += 1) {
        clock.advance(60);
        const signedIn = await signInWithProvider(contextOf(services), { provider, profile });
        sids.push(claimsOf("due" in signedIn ? "" : signedIn.accessToken).sid);
      }
    });
    const ended = lines.filter((line) => line.includes('"session.ended"'));
    expect(ended.map((line) => JSON.parse(line).session_id)).toEqual([sids[0]]);
  });
});

/** Signs a person in so many times, a minute apart. */
async function devicesOf(email: string, count: number): Promise<Device[]> {
  const devices: Device[] = [];
  for (let made = 0; made < count; made += 1) {
    clock.advance(60);
    devices.push(await signIn(api, email));
  }
  return devices;
}

/** Which of these devices are signed in. */
async function live(devices: readonly Device[]): Promise<boolean[]> {
  return Promise.all(devices.map(async (device) => (await meStatus(api, device)) === 200));
}

/** The sessions whose end was audited since the log was emptied. */
const endedInLog = () =>
  logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === "session.ended")
    .map(({ session_id: id, reason, account_id: accountId }) => ({ id, reason, accountId }));
