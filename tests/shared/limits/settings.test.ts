import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { policyNames } from "../../../shared/limits/policies.ts";
import { productionMail, testSettings } from "../../support/settings.ts";

const policiesWith = (settings: Record<string, string>) =>
  loadConfig({ ...testSettings, RATE_LIMITS: "on", ...settings }).limits.policies;

describe("18.1 the settings of rate limits", () => {
  test("are the seed's five logins a minute, and limits for all but reads", () => {
    const policies = policiesWith({});
    expect(policies.get("credentials")).toEqual({ count: 5, windowSeconds: 60 });
    expect(policyNames.filter((policy) => !policies.has(policy))).toEqual(["reads"]);
  });

  test("take count and seconds, or off", () => {
    const policies = policiesWith({ RATE_LIMIT_MAIL_NETWORK: "1000000/86400", RATE_LIMIT_REFRESH: "off" });
    expect(policies.get("mail_network")).toEqual({ count: 1_000_000, windowSeconds: 86_400 });
    expect(policies.has("refresh")).toBe(false);
  });

  test.each(["5", "0/60", "5/0", "1000001/60", "5/86401", "-5/60", "5 / 60", "5/60/60", "five/60", "on", "05/60"])(
    "refuse %s, and say what they take",
    (text) => {
      expect(() => policiesWith({ RATE_LIMIT_CREDENTIALS: text })).toThrow(
        "RATE_LIMIT_CREDENTIALS must be COUNT/SECONDS, such as 5/60, with 1 to 1000000 attempts in 1 to 86400 seconds; or off",
      );
    },
  );

  test("RATE_LIMITS=off turns all of them off in development, and is refused elsewhere", () => {
    expect(policiesWith({ RATE_LIMITS: "off" }).size).toBe(0);
    const production = {
      ISSUER: "https://auth.example.com",
      FRONTEND_URL: "https://app.example.com",
      DB_SERVER: "db.example.com",
      DB_DATABASE: "latchkey",
      RATE_LIMITS: "on",
      ARGON2_MEMORY_KIB: "",
      ARGON2_ITERATIONS: "",
      ...productionMail,
    };
    for (const ENVIRONMENT of ["staging", "production"]) {
      expect(() => policiesWith({ ...production, ENVIRONMENT, RATE_LIMITS: "off" })).toThrow(
        "RATE_LIMITS must be on in production",
      );
      expect(policiesWith({ ...production, ENVIRONMENT, RATE_LIMIT_CREDENTIALS: "off" }).has("credentials")).toBe(
        false,
      );
    }
  });
});
