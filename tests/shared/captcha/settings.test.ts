import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const load = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });
const turnstile = { CAPTCHA_PROVIDER: "turnstile", CAPTCHA_SITE_KEY: "0x4AAA_site-key", CAPTCHA_SECRET: "canary" };
const production = {
  SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  DB_SERVER: "sql.example.com",
  DB_DATABASE: "latchkey",
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.example.com",
  MAIL_FROM: "noreply@example.com",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};

describe("the settings of the captcha", () => {
  test("without any, there is none; with a provider, it is asked at its own address unless another is given", () => {
    expect(load({}).captcha.provider).toBeUndefined();
    expect(load(turnstile).captcha.provider).toEqual({
      kind: "turnstile",
      siteKey: "0x4AAA_site-key",
      secret: "canary",
      verifyUrl: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    });
    expect(load({ ...turnstile, CAPTCHA_PROVIDER: "hcaptcha" }).captcha.provider?.verifyUrl).toBe(
      "https://api.hcaptcha.com/siteverify",
    );
    const elsewhere = "https://captcha.example.com/siteverify";
    expect(load({ ...production, ...turnstile, CAPTCHA_VERIFY_URL: elsewhere }).captcha.provider?.verifyUrl).toBe(
      elsewhere,
    );
  });

  test.each([
    [{ CAPTCHA_PROVIDER: "turnstile" }, "CAPTCHA_SECRET is required with CAPTCHA_PROVIDER"],
    [{ ...turnstile, CAPTCHA_SITE_KEY: "" }, "CAPTCHA_SITE_KEY is required with CAPTCHA_PROVIDER"],
    [{ CAPTCHA_SITE_KEY: "key" }, "CAPTCHA_PROVIDER is required with CAPTCHA_SITE_KEY"],
    [{ CAPTCHA_SECRET: "canary" }, "CAPTCHA_PROVIDER is required with CAPTCHA_SITE_KEY"],
    [{ CAPTCHA_VERIFY_URL: "https://captcha.example.com" }, "CAPTCHA_PROVIDER is required"],
    [{ ...turnstile, CAPTCHA_PROVIDER: "recaptcha" }, "CAPTCHA_PROVIDER must be turnstile or hcaptcha"],
    [{ ...turnstile, CAPTCHA_SITE_KEY: `"><script>` }, "CAPTCHA_SITE_KEY must have 1 to 100 letters"],
    [{ ...turnstile, CAPTCHA_SITE_KEY: "canary" }, "CAPTCHA_SITE_KEY must not be CAPTCHA_SECRET"],
    [
      { ...turnstile, CAPTCHA_VERIFY_URL: "http://captcha.example.com" },
      "CAPTCHA_VERIFY_URL may be plain http for localhost",
    ],
    [{ ...turnstile, CAPTCHA_VERIFY_URL: "https://a@captcha.example.com" }, "CAPTCHA_VERIFY_URL must be an absolute"],
    [
      { ...production, ...turnstile, CAPTCHA_VERIFY_URL: "http://localhost:9" },
      "CAPTCHA_VERIFY_URL must not be this machine",
    ],
    [
      { ...production, ...turnstile, CAPTCHA_VERIFY_URL: "https://127.0.0.1" },
      "CAPTCHA_VERIFY_URL must not be this machine",
    ],
    [
      { ...production, ...turnstile, CAPTCHA_SECRET: "1x0000000000000000000000000000000AA" },
      "CAPTCHA_SECRET must not be for tests",
    ],
    [
      { ...production, ...turnstile, CAPTCHA_SECRET: "0x0000000000000000000000000000000000000000" },
      "CAPTCHA_SECRET must not be for tests",
    ],
  ])("15.14 %o is refused: %s, and no value is told", (settings, message) => {
    expect(() => load(settings as Record<string, string>)).toThrow(message);
    expect(() => load(settings as Record<string, string>)).not.toThrow("canary");
  });
});
