import { describe, expect, onTestFinished, test, vi } from "vitest";
import { provideServices } from "../../../shared/services.ts";
import { createTestClock } from "../../support/clock.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
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
});
