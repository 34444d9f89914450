import { describe, expect, test } from "vitest";
import { createCaptcha } from "../../../shared/captcha/captcha.ts";
import { judgeAnswer, type SiteverifyAnswer } from "../../../shared/captcha/siteverify.ts";
import { loadConfig } from "../../../shared/config.ts";
import { startCaptchaProvider } from "../../support/captcha-provider.ts";
import { testSettings } from "../../support/settings.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const origins = ["http://localhost:7071", "https://app.example.com", "capacitor://localhost"];
const secondsFrom = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe.each(["turnstile", "hcaptcha"] as const)("a captcha of %s", async (kind) => {
  const provider = await startCaptchaProvider(kind);
  const check = (token: string, settings: Record<string, string> = {}, limitMilliseconds = 60_000) => {
    const { captcha } = loadConfig({ ...testSettings, ...provider.settings, ...settings });
    return createCaptcha(captcha.provider, { origins, limitMilliseconds })?.check(token, "login", now);
  };

  test("counts once", async () => {
    const token = provider.solve({ at: now, action: "login" });
    expect(await check(token)).toBeUndefined();
    expect(await check(token)).toMatch(/^the provider says (?:timeout-or-duplicate|already-seen-response)$/);
    expect(await check("forged")).toBe("the provider says invalid-input-response");
  });

  test("is verified with the secret and the token alone: nothing of the person is sent, and nothing in the URL", async () => {
    provider.bodies.length = 0;
    await check(provider.solve({ at: now, action: "login" }));
    const sent = new URLSearchParams(provider.bodies.join());
    expect([...sent.keys()]).toEqual(["secret", "response", ...(kind === "hcaptcha" ? ["sitekey"] : [])]);
    expect(new Set(provider.server.asked)).toEqual(new Set(["POST /siteverify"]));
  });

  test("of the app's page counts; of another page, it does not", async () => {
    const on = (hostname: string) => check(provider.solve({ at: now, action: "login", hostname }));
    expect(await on("App.Example.com")).toBeUndefined();
    expect(await on("evil.example.com")).toBe("solved on another host");
    // hCaptcha does not always say it.
    expect(await on("not-provided")).toBe(kind === "hcaptcha" ? undefined : "solved on another host");
  });

  test.each(["hangs up", "redirects", "oversized", "no JSON", 500, 503, 404, 429, 204] as const)(
    "is unavailable where the provider answers %s",
    async (fault) => {
      provider.server.faults.set("/siteverify", fault);
      await expect(check("any")).rejects.toMatchObject({
        code: "CAPTCHA_UNAVAILABLE",
        options: { retryAfterSeconds: 5 },
      });
      provider.server.faults.clear();
    },
  );

  test("is unavailable where the provider rejects our secret, and the error does not tell it", async () => {
    const error = await check("any", { CAPTCHA_SECRET: "canary-another" })?.catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/^ApiError: .*: the provider says invalid-input-secret$/);
  });

  test("is unavailable after its time of silence", async () => {
    provider.server.faults.set("/siteverify", "silent");
    await expect(check("any", {}, 20)).rejects.toMatchObject({ code: "CAPTCHA_UNAVAILABLE" });
    provider.server.faults.clear();
  });
});

describe("what a provider may say", () => {
  const good = {
    success: true,
    hostname: "localhost",
    action: "login",
    challenge_ts: now.toISOString(),
    "error-codes": [],
  };
  const judge = (told: Partial<SiteverifyAnswer>, kind: "turnstile" | "hcaptcha" = "turnstile") =>
    judgeAnswer({ kind }, { ...good, ...told }, { action: "login", hosts: new Set(["localhost"]), now });

  test.each<[string, Partial<SiteverifyAnswer>, string | undefined]>([
    ["as expected", {}, undefined],
    [
      "solved five minutes ago, by a clock that is a minute behind",
      { challenge_ts: secondsFrom(-360).toISOString() },
      undefined,
    ],
    ["solved earlier", { challenge_ts: secondsFrom(-361).toISOString() }, "solved at another time"],
    ["solved by a clock that is a minute ahead", { challenge_ts: secondsFrom(60).toISOString() }, undefined],
    ["solved by one that is farther ahead", { challenge_ts: secondsFrom(61).toISOString() }, "solved at another time"],
    ["no time", { challenge_ts: undefined }, "solved at another time"],
    ["no readable time", { challenge_ts: "yesterday" }, "solved at another time"],
    ["another action", { action: "forgot" }, "solved for another action"],
    ["no action", { action: undefined }, "solved for another action"],
    ["no host", { hostname: undefined }, "solved on another host"],
    ["a host that ends alike", { hostname: "x.localhost" }, "solved on another host"],
    ["no", { success: false }, "the provider says no"],
    [
      "no, with codes",
      { success: false, "error-codes": ["timeout-or-duplicate"] },
      "the provider says timeout-or-duplicate",
    ],
    [
      "no, in words of its own",
      { success: false, "error-codes": ["canary\r\nline", "x".repeat(60)] },
      "the provider says no",
    ],
  ])("Turnstile: %s", (_, told, expected) => {
    expect(judge(told)).toBe(expected);
  });

  test.each<[string, Partial<SiteverifyAnswer>, string | undefined]>([
    ["no action, which it never tells", { action: undefined }, undefined],
    ["no host", { hostname: undefined, action: undefined }, undefined],
    ["no time", { challenge_ts: undefined }, "solved at another time"],
  ])("hCaptcha: %s", (_, told, expected) => {
    expect(judge(told, "hcaptcha")).toBe(expected);
  });

  test.each(["invalid-input-secret", "missing-input-secret", "internal-error"])("%s: it is unavailable", (code) => {
    expect(() => judge({ success: false, "error-codes": ["bad-request", code] })).toThrow(code);
    expect(() => judge({ "error-codes": [code] })).toThrow(code);
  });
});
