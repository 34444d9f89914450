import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { createBreaches } from "../../../../shared/passwords/policy/breaches.ts";
import { readSuffixes } from "../../../../shared/passwords/policy/range-api.ts";
import { createTestClock } from "../../../support/clock.ts";
import { sha1Of } from "../../../../tools/bench/range-stand-in.ts";
import { startRangeApi } from "../../../support/range-api.ts";

const known = "a known pass phrase";

/** @param timeoutMilliseconds long, because a busy machine answers late */
async function startBreaches(timeoutMilliseconds = 60_000) {
  const api = await startRangeApi();
  api.know(known, "caf\u00E9 caf\u00E9 caf\u00E9");
  const clock = createTestClock();
  return { api, clock, breaches: createBreaches({ kind: "range", baseUrl: api.url, timeoutMilliseconds }, clock) };
}

describe("breached passwords by the range API", () => {
  test("ASVS 6.2.12: are known by five hex characters of their SHA-1, with padding, whose lines do not count", async () => {
    const { api, breaches } = await startBreaches();
    expect(breaches.standing()).toBe("not asked yet");
    expect(await breaches.has(known)).toBe(true);
    expect(await breaches.has("an unknown pass phrase")).toBe(false);
    expect(await breaches.has("cafe\u0301 cafe\u0301 cafe\u0301"), "in its normal form").toBe(true);
    expect(api.calls.map(({ path }) => path)).toEqual(
      [known, "an unknown pass phrase", "caf\u00E9 caf\u00E9 caf\u00E9"].map(
        (text) => `/range/${sha1Of(text).slice(0, 5)}`,
      ),
    );
    expect(api.calls[0]?.headers).toMatchObject({ "add-padding": "true", "user-agent": "Latchkey" });
    expect(breaches.standing()).toBe("up");
  });

  test("a range is asked for once in ten minutes, also by calls at once", async () => {
    const { api, clock, breaches } = await startBreaches();
    expect(await Promise.all([breaches.has(known), breaches.has(known)])).toEqual([true, true]);
    clock.advance(599);
    expect(await breaches.has(known)).toBe(true);
    expect(api.calls).toHaveLength(1);
    clock.advance(2);
    expect(await breaches.has(known)).toBe(true);
    expect(api.calls).toHaveLength(2);
  });

  test.each([
    ["an error", (api) => (api.answer = (response) => response.writeHead(503).end())],
    ["a closed connection", (api) => (api.answer = (response) => response.destroy())],
    [
      "a redirect",
      (api) => (api.answer = (response) => response.writeHead(302, { Location: `${api.url}/elsewhere` }).end()),
    ],
    ["a portal's page", (api) => (api.answer = (response) => response.end("<html>Sign in to this network</html>"))],
    [
      "more than it should",
      (api) => (api.answer = (response) => response.end(`${"0".repeat(35)}:1\r\n`.repeat(10_000))),
    ],
    ["nothing", (api) => (api.answer = (response) => response.end())],
  ] as [string, (api: Awaited<ReturnType<typeof startRangeApi>>) => void][])(
    "%s is no answer: after three in a row nobody asks for ten seconds, then it counts again",
    async (_what, spoil) => {
      const { api, clock, breaches } = await startBreaches();
      spoil(api);
      for (const _ of [1, 2, 3]) expect(await breaches.has(known)).toBeUndefined();
      expect(breaches.standing()).toBe("down");
      api.answer = undefined;
      expect(await breaches.has(known)).toBeUndefined();
      const { length } = api.calls;
      expect(await breaches.has("another one")).toBeUndefined();
      expect(api.calls).toHaveLength(length);
      clock.advance(10);
      expect(await breaches.has(known)).toBe(true);
      expect(breaches.standing()).toBe("up");
    },
  );

  test("one slow or wrong answer lets nobody else's password through", async () => {
    const { api, breaches } = await startBreaches();
    for (const _ of [1, 2, 3]) {
      api.answer = (response) => response.writeHead(503).end();
      for (const text of ["one of them", "another one"]) expect(await breaches.has(text)).toBeUndefined();
      api.answer = undefined;
      expect(await breaches.has(`${known}${api.calls.length}`)).toBe(false);
    }
    expect(await breaches.has(known)).toBe(true);
  });

  test("a connection that is closed is tried once more", async () => {
    const { api, breaches } = await startBreaches();
    api.answer = (response) => {
      api.answer = undefined;
      response.destroy();
    };
    expect(await breaches.has(known)).toBe(true);
    expect(api.calls).toHaveLength(2);
  });

  test.each([
    ["an answer", () => {}],
    ["an end", (response) => response.write(`${"0".repeat(35)}:1\r\n`)],
  ] as [string, (response: ServerResponse) => void][])("waits for %s no longer than it may", async (_what, answer) => {
    const { api, breaches } = await startBreaches(50);
    api.answer = answer;
    expect(await breaches.has(known)).toBeUndefined();
    expect(breaches.standing()).toBe("down");
  });
});

test("readSuffixes takes either line end and either case, and nothing but a range", () => {
  const [one, other] = ["0123456789ABCDEF0123456789ABCDEF012", "F".repeat(35)];
  expect([...readSuffixes(`${one}:3\n${other.toLowerCase()}:1\r\n${"0".repeat(35)}:0\r\n`)]).toEqual([one, other]);
  for (const text of ["", "\r\n", one, `${one}:`, `${one}:x`, `${one}0:1`, "{}"])
    expect(() => readSuffixes(text), text).toThrow();
});
