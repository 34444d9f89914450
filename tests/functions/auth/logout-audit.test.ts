// What a logout records, of which session, and in which order.
import { describe, expect, test } from "vitest";
import type { Tables } from "../../../shared/sessions/tables.ts";
import type { ApiRequest } from "../../support/api.ts";
import { claimsOf } from "../../support/clients.ts";
import { meStatus, newDevice, refreshed, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services, logLines } = await startService();
const sessionOf = ({ accessToken }: Device): string => claimsOf(accessToken).sid;

type Scope = "local" | "others" | "global";
type Credentials = Pick<ApiRequest, "bearer" | "cookie"> & { readonly body?: object };

describe("a logout with a live credential and a used refresh token of one session", () => {
  const both: readonly (readonly [string, (live: Device, used: Device) => Credentials])[] = [
    ["bearer, used cookie", (live, used) => ({ bearer: live.accessToken, cookie: used.cookie })],
    ["bearer, used body", (live, used) => ({ bearer: live.accessToken, body: { refresh_token: used.refreshToken } })],
    ["body, used cookie", (live, used) => ({ body: { refresh_token: live.refreshToken }, cookie: used.cookie })],
    ["cookie, used body", (live, used) => ({ cookie: live.cookie, body: { refresh_token: used.refreshToken } })],
  ];

  describe.each(["local", "global"] as const)("scope %s:", (scope) => {
    test.each(both)("%s: is a logout, and raises no alarm", async (_what, credentials) => {
      const { live, used } = await withUsedToken();
      expect(await logout(scope, credentials(live, used))).toEqual([
        [`session.ended logout ${scope}`, sessionOf(live)],
      ]);
      expect(await endReasonOf(live)).toBe("logout");
    });
  });

  test("scope others: this session would go on, so the used token ends it as a reuse", async () => {
    const { live, used } = await withUsedToken();
    expect(await logout("others", { bearer: live.accessToken, cookie: used.cookie })).toEqual([
      ["session.reuse_detected reuse", sessionOf(live)],
    ]);
    expect(await endReasonOf(live)).toBe("reuse");
  });

  test.each(["local", "global", "others"] as const)(
    "scope %s: a live credential of another session leaves it a reuse",
    async (scope) => {
      const { live, used } = await withUsedToken();
      const other = await signIn(api, live.email);
      const told = await logout(scope, { bearer: other.accessToken, cookie: used.cookie });
      expect(told).toContainEqual(["session.reuse_detected reuse", sessionOf(live)]);
      expect(await endReasonOf(live)).toBe("reuse");
      expect(await meStatus(api, other)).toBe(scope === "others" ? 200 : 401);
    },
  );
});

describe("a logout of several sessions is told in the order of its credentials", () => {
  type Order = readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2];
  const orders: readonly Order[] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];

  async function sessions(order: Order) {
    const email = await registerPerson(api);
    const before = await signIn(api, email);
    const devices = [await signIn(api, email), await signIn(api, email), await signIn(api, email)] as const;
    const after = await signIn(api, email);
    const [bearer, body, cookie] = [devices[order[0]], devices[order[1]], devices[order[2]]];
    const credentials = {
      bearer: bearer.accessToken,
      body: { refresh_token: body.refreshToken },
      cookie: cookie.cookie,
    };
    return { credentials, named: [bearer, body, cookie].map(sessionOf), others: [before, after].map(sessionOf) };
  }

  test.each(orders)("bearer, body and cookie of sessions %i, %i, %i", async (...order) => {
    const { credentials, named } = await sessions(order);
    expect((await logout("local", credentials)).map(([, id]) => id)).toEqual(named);
  });

  test.each(orders)("and then the others that a global logout reaches: %i, %i, %i", async (...order) => {
    const { credentials, named, others } = await sessions(order);
    const told = (await logout("global", credentials)).map(([, id]) => id);
    expect(told.slice(0, 3)).toEqual(named);
    expect(new Set(told.slice(3))).toEqual(new Set(others));
    expect(told).toHaveLength(5);
  });
});

/** Logs out. @returns what was recorded, as `type reason` with the session */
async function logout(scope: Scope, { body, ...rest }: Credentials): Promise<(readonly [string, unknown])[]> {
  logLines.length = 0;
  expect((await api.post("/auth/logout", { ...rest, body: { ...body, scope } })).status).toBe(200);
  return logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === "audit")
    .map(({ type, reason, session_id: id }) => [`${String(type)} ${String(reason)}`, id] as const);
}

async function endReasonOf(device: Device): Promise<unknown> {
  const sessions = services.database.queries.withTables<Tables>().selectFrom("sessions");
  return (await sessions.select("end_reason").where("id", "=", sessionOf(device)).executeTakeFirst())?.end_reason;
}

/** A device, as it is and as it was before its token was used, long ago. */
async function withUsedToken(): Promise<{ live: Device; used: Device }> {
  const used = await newDevice(api);
  const live = await refreshed(api, used);
  clock.advance(60);
  return { live, used };
}
