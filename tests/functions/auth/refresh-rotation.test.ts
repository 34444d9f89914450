import { describe, expect, test } from "vitest";
import { cookieName, meStatus, newDevice, refresh, refreshed, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock } = await startService();
const graceSeconds = 10;
const day = 86_400;

/** Each situation of a presented token: how it comes about, and whether it is answered, with the session living on or not. */
const situations: readonly {
  name: string;
  arrange(): Promise<{ cookie: string; latest: Device }>;
  answered: boolean;
  sessionLives: boolean;
}[] = [
  {
    name: "current",
    arrange: async () => {
      const device = await newDevice(api);
      return { cookie: device.cookie, latest: device };
    },
    answered: true,
    sessionLives: true,
  },
  {
    name: "previous within grace",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(api, device);
      clock.advance(graceSeconds);
      return { cookie: device.cookie, latest };
    },
    answered: true,
    sessionLives: true,
  },
  {
    name: "previous within grace, its successor used already (15.5)",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(api, await refreshed(api, device));
      return { cookie: device.cookie, latest };
    },
    answered: false,
    sessionLives: true,
  },
  {
    name: "previous late",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(api, device);
      clock.advance(graceSeconds + 0.001);
      return { cookie: device.cookie, latest };
    },
    answered: false,
    sessionLives: false,
  },
  {
    name: "ancient",
    arrange: async () => {
      const device = await newDevice(api);
      let latest = device;
      for (let round = 0; round < 5; round += 1) {
        clock.advance(60);
        latest = await refreshed(api, latest);
      }
      return { cookie: device.cookie, latest };
    },
    answered: false,
    sessionLives: false,
  },
  {
    name: "forged",
    arrange: async () => ({ cookie: `${cookieName}=${"A".repeat(43)}`, latest: await newDevice(api) }),
    answered: false,
    sessionLives: true,
  },
  {
    name: "expired",
    arrange: async () => {
      const device = await newDevice(api);
      clock.advance(7 * day);
      return { cookie: device.cookie, latest: await newDevice(api) };
    },
    answered: false,
    sessionLives: true,
  },
];

describe.each([1, 2, 50])("RFC 9700 4.14: refreshing %d times at once", (parallel) => {
  test.each(situations)("with a token that is $name", async ({ arrange, answered, sessionLives }) => {
    const { cookie, latest } = await arrange();
    const bystander = await signIn(api, latest.email);
    const answers = await Promise.all(Array.from({ length: parallel }, () => refresh(api, cookie)));
    if (answered) {
      expect(answers.map(({ status }) => status)).toEqual(Array(parallel).fill(200));
      expect(new Set(answers.map((answer) => answer.cookie)).size).toBe(1);
      expect(answers[0]?.cookie).not.toBe(cookie);
    } else {
      for (const { status, json } of answers) expect([status, json.error_code]).toEqual([401, "REFRESH_TOKEN_INVALID"]);
    }
    expect(await meStatus(api, latest)).toBe(sessionLives ? 200 : 401);
    expect(await meStatus(api, bystander), "another device of the same person").toBe(200);
  });
});
