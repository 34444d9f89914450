import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const google = { GOOGLE_CLIENT_ID: "id", GOOGLE_CLIENT_SECRET: "canary" };
const acme = {
  OIDC_ACME_ISSUER: "https://id.acme.example",
  OIDC_ACME_CLIENT_ID: "id",
  OIDC_ACME_CLIENT_SECRET: "canary",
};
const entra = {
  ENTRA_TENANT_ID: "8b3f2d4e-0c1a-4d5e-9f60-718293a4b5c6",
  ENTRA_CLIENT_ID: "id",
  ENTRA_CLIENT_SECRET: "canary",
};
const production = {
  SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.example.com",
  MAIL_FROM: "noreply@example.com",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  DB_SERVER: "sql.example.com",
  DB_DATABASE: "latchkey",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};

const load = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });

describe("the settings of a provider", () => {
  test("without any, there is none", () => {
    expect(load({ GOOGLE_CLIENT_ID: "", OIDC_ACME_ISSUER: "" }).social.providers).toEqual([]);
  });

  test("turn it on, each by its name, and lists are separated by commas", () => {
    const { providers } = load({ ...google, ...acme, ...entra, GOOGLE_ADDITIONAL_CLIENT_IDS: "ios, android" }).social;
    expect(providers.map(({ name, kind }) => [name, kind])).toEqual([
      ["google", "google"],
      ["entra", "entra"],
      ["acme", "oidc"],
    ]);
    expect(providers[0]).toMatchObject({ clientId: "id", additionalClientIds: ["ios", "android"], trustsEmail: false });
  });

  test("any number of issuers, under names of several words too", () => {
    const okta = {
      OIDC_OKTA_EU_ISSUER: "http://localhost:9/",
      OIDC_OKTA_EU_CLIENT_ID: "i",
      OIDC_OKTA_EU_CLIENT_SECRET: "s",
    };
    const { providers } = load({ ...acme, ...okta, OIDC_OKTA_EU_TRUST_EMAIL: "true" }).social;
    expect(providers.map(({ name, issuer, trustsEmail }) => [name, issuer, trustsEmail])).toEqual([
      ["acme", "https://id.acme.example", false],
      ["okta_eu", "http://localhost:9/", true],
    ]);
  });

  test("15.14 an issuer whose name begins with that of another has settings of its own", () => {
    for (const other of ["ACME_2", "ACME_B", "ACME_EU_2", "ACME2"]) {
      const second = Object.fromEntries(
        Object.entries(acme).map(([name, value]) => [name.replace("ACME", other), value]),
      );
      const own = { [`OIDC_${other}_TRUST_EMAIL`]: "true", [`OIDC_${other}_ADDITIONAL_CLIENT_IDS`]: "ios" };
      const { social, warnings } = load({ ...acme, ...second, ...own });
      expect(social.providers.map(({ name, trustsEmail }) => [name, trustsEmail])).toEqual([
        ["acme", false],
        [other.toLowerCase(), true],
      ]);
      expect(warnings).toEqual([]);
    }
  });

  test("15.14 Entra's directory is named by its id, or by its issuer alone", () => {
    const { ENTRA_TENANT_ID: tenant, ...rest } = entra;
    const issuer = { ENTRA_ISSUER: "https://login.microsoftonline.us/8b3f2d4e-0c1a-4d5e-9f60-718293a4b5c6/v2.0" };
    expect(load({ ...rest, ...issuer })).toMatchObject({
      social: { providers: [{ issuer: issuer.ENTRA_ISSUER, tenantId: undefined }] },
      warnings: [],
    });
    expect(load({ ...rest, ...issuer, ENTRA_TENANT_ID: tenant }).warnings).toEqual([
      "ENTRA_TENANT_ID does nothing with ENTRA_ISSUER, which names the directory",
    ]);
    expect(() => load({ ...issuer, ENTRA_CLIENT_ID: "id" })).toThrow("ENTRA_CLIENT_SECRET is required");
    expect(() => load(rest)).toThrow("ENTRA_TENANT_ID is required");
  });

  test.each([
    ["half set", { GOOGLE_CLIENT_ID: "id" }, "GOOGLE_CLIENT_SECRET is required"],
    ["half set by an optional one", { GITHUB_BASE_URL: "https://github.acme.example" }, "GITHUB_CLIENT_ID is required"],
    ["half set, Entra", { ENTRA_CLIENT_ID: "id", ENTRA_CLIENT_SECRET: "canary" }, "ENTRA_TENANT_ID is required"],
    ["half set, an issuer", { OIDC_ACME_CLIENT_ID: "id" }, "OIDC_ACME_ISSUER is required"],
    [
      "a directory without a GUID",
      { ...entra, ENTRA_TENANT_ID: "common" },
      "ENTRA_TENANT_ID must be the id of the directory",
    ],
    ["an issuer that is no URL", { ...acme, OIDC_ACME_ISSUER: "canary" }, "OIDC_ACME_ISSUER must be an absolute"],
    [
      "a plain http issuer",
      { ...acme, OIDC_ACME_ISSUER: "http://id.acme.example" },
      "OIDC_ACME_ISSUER may be plain http for localhost only",
    ],
    [
      "a plain http base",
      { ...google, GITHUB_CLIENT_ID: "i", GITHUB_CLIENT_SECRET: "canary", GITHUB_BASE_URL: "http://g.example" },
      "GITHUB_BASE_URL may be plain http",
    ],
    [
      "a secret with a space",
      { ...google, GOOGLE_CLIENT_SECRET: "canary " },
      "GOOGLE_CLIENT_SECRET must have no space",
    ],
    ["a flag that is none", { ...acme, OIDC_ACME_TRUST_EMAIL: "yes" }, "OIDC_ACME_TRUST_EMAIL must be true or false"],
    [
      "a built-in name",
      { OIDC_GOOGLE_ISSUER: "https://a.example", OIDC_GOOGLE_CLIENT_ID: "i", OIDC_GOOGLE_CLIENT_SECRET: "s" },
      '"google" is taken',
    ],
    [
      "the name providers",
      { OIDC_PROVIDERS_ISSUER: "https://a.example", OIDC_PROVIDERS_CLIENT_ID: "i", OIDC_PROVIDERS_CLIENT_SECRET: "s" },
      '"providers" is taken',
    ],
    [
      "a name in small letters",
      { OIDC_acme_ISSUER: "https://a.example", OIDC_acme_CLIENT_ID: "i", OIDC_acme_CLIENT_SECRET: "s" },
      "must have a name of capitals",
    ],
    [
      "a name with a doubled underscore",
      { OIDC_A__B_ISSUER: "https://a.example", OIDC_A__B_CLIENT_ID: "i", OIDC_A__B_CLIENT_SECRET: "s" },
      "must have a name of capitals",
    ],
    ["a redirect target that is no URL", { REDIRECT_ALLOWLIST: "canary" }, "REDIRECT_ALLOWLIST must be URLs"],
    [
      "a redirect target that runs a script",
      { REDIRECT_ALLOWLIST: "javascript:alert(1)" },
      "REDIRECT_ALLOWLIST must be URLs",
    ],
    [
      "a redirect target with a wildcard in its fragment",
      { REDIRECT_ALLOWLIST: "https://a.example/#canary*" },
      "REDIRECT_ALLOWLIST must be URLs",
    ],
    [
      "a redirect target whose fragment is not spelled as a browser would",
      { REDIRECT_ALLOWLIST: "https://a.example/#canary ä" },
      "REDIRECT_ALLOWLIST must be URLs",
    ],
    [
      "a redirect target with a user",
      { REDIRECT_ALLOWLIST: "https://canary@a.example/" },
      "REDIRECT_ALLOWLIST must be URLs",
    ],
    ["a wildcard", { REDIRECT_ALLOWLIST: "https://*.a.example/" }, "REDIRECT_ALLOWLIST must be URLs"],
  ])("%s: the start stops, and names the setting, not its value", (_what, settings, rule) => {
    expect(() => load(settings as Record<string, string>)).toThrow(rule);
    expect(() => load(settings as Record<string, string>)).not.toThrow(/canary/);
  });

  test("all faults are named at once, those of other settings too", () => {
    expect(() =>
      load({ GOOGLE_CLIENT_ID: "id", GITHUB_CLIENT_ID: "id", BODY_LIMIT_KIB: "1", TRUSTED_PROXY_HOPS: "1" }),
    ).toThrow(/GOOGLE_CLIENT_SECRET.*GITHUB_CLIENT_SECRET/);
  });
});

describe("in production", () => {
  test("a provider is reached over https, and browsers are sent to https or an app", () => {
    const allowlist = { REDIRECT_ALLOWLIST: "https://app.example.com/in/,com.example.app:/in" };
    expect(load({ ...production, ...google, ...allowlist }).social.redirectAllowlist).toHaveLength(2);
    for (const [settings, fault] of [
      [{ ...google, GOOGLE_ISSUER: "http://localhost:9" }, "GOOGLE_ISSUER must be https"],
      [{ ...acme, OIDC_ACME_ISSUER: "http://localhost:9" }, "OIDC_ACME_ISSUER must be https"],
      [
        { GITHUB_CLIENT_ID: "i", GITHUB_CLIENT_SECRET: "s", GITHUB_BASE_URL: "http://127.0.0.1:9" },
        "GITHUB_BASE_URL must be https",
      ],
      [{ REDIRECT_ALLOWLIST: "http://localhost:3000/" }, "REDIRECT_ALLOWLIST must not be plain http"],
    ] as const)
      expect(() => load({ ...production, ...settings })).toThrow(fault);
  });
});
