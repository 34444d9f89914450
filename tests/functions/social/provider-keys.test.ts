import { describe, expect, onTestFinished, test, vi } from "vitest";
import { provideServices } from "../../../shared/services.ts";
import { createTestClock } from "../../support/clock.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import type { ProviderFault } from "../../support/providers/serve.ts";
import { createTestServices, startService } from "../../support/service.ts";
import { issuerSettings } from "../../support/social.ts";

const clock = createTestClock();
const service = await startService();
let people = 0;

describe("15.17 the keys of a provider", () => {
  async function startTurning() {
    const turning = await startIssuer(clock);
    // It has read nothing of this issuer.
    provideServices((await createTestServices(issuerSettings("OIDC_ACME", turning), service.database)).services);
    return {
      turning,
      reads: () => turning.asked.filter((call) => call === "GET /keys").length,
      newToken: (kid?: string) => {
        people += 1;
        return turning.idToken({ sub: `s${people}`, nonce: "n" }, kid === undefined ? {} : { kid });
      },
    };
  }

  async function outcome(idToken: Promise<string>) {
    const body = { id_token: await idToken, nonce: "n", transport: "body" };
    const { status, json } = await service.api.post("/auth/oauth/acme", { body });
    return json.error_code ?? status;
  }

  /** The pauses between readings go by the machine's own clock, which from here on is a test's to turn. */
  function holdClock(): void {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
  }

  test("changed right after the first sign-in: the new key counts at once, and the old one no longer", async () => {
    const { turning, reads, newToken } = await startTurning();
    expect(await outcome(newToken())).toBe(200);
    const old = await newToken();
    await turning.rotate();
    expect(await outcome(newToken())).toBe(200);
    expect(await outcome(Promise.resolve(old))).toBe("PROVIDER_TOKEN_INVALID");
    await turning.rotate();
    expect(await outcome(newToken())).toBe(200);
    expect(reads()).toBeLessThanOrEqual(4);
  });

  test("20 unknown kids at once and 30 after them: the key set is read four times, and then once in 10 seconds", async () => {
    holdClock();
    const { turning, reads, newToken } = await startTurning();
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => outcome(newToken(`unknown ${index}`))));
    for (let index = 20; index < 50; index += 1) outcomes.push(await outcome(newToken(`unknown ${index}`)));
    expect(new Set(outcomes)).toEqual(new Set(["PROVIDER_TOKEN_INVALID"]));
    expect(reads()).toBe(4);
    // Who has used the bound up holds a new key up for as long, and no longer.
    await turning.rotate();
    expect(await outcome(newToken())).toBe("PROVIDER_TOKEN_INVALID");
    vi.advanceTimersByTime(9_999);
    expect(await outcome(newToken())).toBe("PROVIDER_TOKEN_INVALID");
    vi.advanceTimersByTime(1);
    expect(await outcome(newToken())).toBe(200);
    expect(reads()).toBe(5);
    // A minute without any fills it again, to no more than it held.
    vi.advanceTimersByTime(60_000);
    for (let index = 50; index < 60; index += 1) await outcome(newToken(`unknown ${index}`));
    expect(reads()).toBe(8);
  });

  test("a key set that cannot be read again fails nobody whose key is known", async () => {
    const { turning, newToken } = await startTurning();
    expect(await outcome(newToken())).toBe(200);
    turning.faults.set("/keys", 500);
    expect(await outcome(newToken("unknown"))).toBe("PROVIDER_UNAVAILABLE");
    expect(await outcome(newToken())).toBe(200);
  });

  test.each<ProviderFault>([403, 429, 503, "no JSON", "redirects", "hangs up"])(
    "a key set that answers %s: 30 tokens have it asked for once in 5 seconds, and then it works",
    async (fault) => {
      holdClock();
      const { turning, reads, newToken } = await startTurning();
      turning.faults.set("/keys", fault);
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(newToken())));
      for (let index = 0; index < 20; index += 1) outcomes.push(await outcome(newToken(`unknown ${index}`)));
      expect(new Set(outcomes)).toEqual(new Set(["PROVIDER_UNAVAILABLE"]));
      // Of a failed connection and of 5xx a reading is made of two calls.
      const once = fault === 503 || fault === "hangs up" ? 2 : 1;
      expect(reads()).toBe(once);
      vi.advanceTimersByTime(4_999);
      expect(await outcome(newToken())).toBe("PROVIDER_UNAVAILABLE");
      expect(reads()).toBe(once);
      turning.faults.clear();
      vi.advanceTimersByTime(1);
      expect(await outcome(newToken())).toBe(200);
    },
  );

  test("once it has been read, unknown kids have a key set that answers 429 asked for once in 5 seconds, too", async () => {
    holdClock();
    const { turning, reads, newToken } = await startTurning();
    expect(await outcome(newToken())).toBe(200);
    turning.faults.set("/keys", 429);
    for (let index = 0; index < 30; index += 1)
      expect(await outcome(newToken(`unknown ${index}`))).toBe("PROVIDER_UNAVAILABLE");
    expect(await outcome(newToken())).toBe(200);
    expect(reads()).toBe(2);
  });

  test.each<ProviderFault>([404, 429, 503, "no JSON"])(
    "a key set that answers %s serves as it was last read for an hour, and no removed key for longer than that",
    async (fault) => {
      holdClock();
      const { turning, newToken } = await startTurning();
      expect(await outcome(newToken())).toBe(200);
      turning.faults.set("/keys", fault);
      for (const minutes of [11, 20, 28]) {
        vi.advanceTimersByTime(minutes * 60_000);
        expect(await outcome(newToken())).toBe(200);
      }
      vi.advanceTimersByTime(60_000);
      expect(await outcome(newToken())).toBe("PROVIDER_UNAVAILABLE");
    },
  );

  test("a removed key is refused with the first reading that succeeds, 5 seconds after one that has failed", async () => {
    holdClock();
    const { turning, newToken } = await startTurning();
    expect(await outcome(newToken())).toBe(200);
    const [stolen, again] = [newToken(), newToken()];
    await Promise.all([stolen, again]);
    vi.advanceTimersByTime(10 * 60_000);
    turning.faults.set("/keys", 503);
    expect(await outcome(stolen)).toBe(200);
    turning.faults.clear();
    await turning.rotate();
    vi.advanceTimersByTime(5_000);
    expect(await outcome(again)).toBe("PROVIDER_TOKEN_INVALID");
  });
});
