import { readFileSync } from "node:fs";
import { parse } from "jsonc-parser";
import { afterEach, describe, expect, test } from "vitest";
import { loadConfig, loadProcessDatabaseConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const secret = "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-";
const server = { DB_SERVER: "a.database.windows.net", DB_DATABASE: "latchkey" };
const production = {
  ...server,
  SECRET_KEY: secret,
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.example.com",
  MAIL_FROM: "noreply@example.com",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};
const google = { GOOGLE_CLIENT_ID: "id", GOOGLE_CLIENT_SECRET: "s" };
const acme = { OIDC_ACME_ISSUER: "https://id.acme.example", OIDC_ACME_CLIENT_ID: "i", OIDC_ACME_CLIENT_SECRET: "s" };
const vaultKey = "https://v.vault.azure.net/keys/k";

const load = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });
const warnings = (settings: Record<string, string>) => load(settings).warnings;

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

describe("15.14 a name that is almost a setting's", () => {
  test.each([
    ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
    ["ALLOWED_ORGINS", "ALLOWED_ORIGINS"],
    ["ALOWED_ORIGINS", "ALLOWED_ORIGINS"],
    ["ALLOWED-ORIGINS", "ALLOWED_ORIGINS"],
    ["REDIRECT_ALLOW_LIST", "REDIRECT_ALLOWLIST"],
    ["REFRESH_TOKEN_EXPIRE_DAY", "REFRESH_TOKEN_EXPIRE_DAYS"],
    ["FRONTEND-URL", "FRONTEND_URL"],
    ["frontend_url", "FRONTEND_URL"],
    ["FrontendUrl", "FRONTEND_URL"],
    ["FRONTEND_URI", "FRONTEND_URL"],
    ["GOOGLE_CLIENTID", "GOOGLE_CLIENT_ID"],
    ["SECRET_KEY_PREVOIUS", "SECRET_KEY_PREVIOUS"],
    ["DB_PASSWORDS", "DB_PASSWORD"],
    ["Audience", "AUDIENCE"],
    ["port", "PORT"],
    ["dbport", "DB_PORT"],
  ])("%s may be another's: it is a warning in every environment, and told what may be meant: %s", (name, meant) => {
    const unset = name.startsWith("GOOGLE") ? {} : google;
    for (const base of [{}, production]) {
      const told = warnings({ ...base, ...unset, FRONTEND_URL: "", [name]: "canary" });
      expect(told).toEqual([`${name} is not a setting, but ${meant} is`]);
    }
  });

  test("is told beside the setting that is missing because of it, without its value", () => {
    const told = /SECRET_KEY is required.*perhaps misspelt: secret_key is not a setting, but SECRET_KEY is$/;
    expect(() => load({ SECRET_KEY: "", secret_key: secret })).toThrow(told);
    expect(() => load({ ...production, DB_SERVER: "", db_server: "canary" })).toThrow(
      /DB_SERVER is required.*db_server is not a setting, but DB_SERVER is$/,
    );
  });

  test("is no warning where that setting is set, with a number at its end, or when it is another's altogether", () => {
    const others = {
      GOOGLE_APPLICATION_CREDENTIALS: "a",
      GOOGLE_CLIENT_ID_1: "a",
      GOOGLE_CLIENT_ID2: "a",
      GITHUB_TOKEN: "a",
      GITHUB_ACTIONS: "a",
      PORTS: "1",
      DB_HOST: "a",
      NODE_ENV: "a",
      AZURE_TENANT_ID: "a",
      AZURE_CLIENT_SECRET: "a",
      APPSETTING_ISSUER: "a",
      AzureWebJobsStorage2: "a",
      AzureWebJobsStorage__accountName: "a",
      WEBSITE_SITE_NAME: "a",
      OIDC_ACNE_TRUST_EMAIL: "",
      issuer: "the same as ISSUER, on Windows",
    };
    for (const base of [{}, production]) expect(warnings({ ...base, ...others })).toEqual([]);
  });

  test("is refused where it would let production run as development", () => {
    for (const [name, value] of [
      ["ENVIROMENT", "production"],
      ["environment", "staging"],
      ["Environment", "Production"],
    ] as const) {
      expect(() => load({ [name]: value })).toThrow(`${name} is not a setting, but ENVIRONMENT is`);
      Object.assign(process.env, { [name]: value });
      expect(() => loadProcessDatabaseConfig()).toThrow(`${name} is not a setting, but ENVIRONMENT is`);
      process.env = { ...before };
    }
    expect(warnings({ environment: "development" })).toEqual(["environment is not a setting, but ENVIRONMENT is"]);
    expect(warnings({ ...production, environment: "production" })).toEqual([]);
  });

  test("is refused beside the settings of an OpenID issuer, by whose name no other's begin", () => {
    const okta = Object.fromEntries(Object.entries(acme).map(([name, value]) => [name.replace("ACME", "ACNE"), value]));
    expect(warnings(okta)).toEqual([]);
    expect(warnings({ ...okta, OIDC_ACNE_TRUST_EMAIL2: "a" })).toEqual([]);
    expect(() => load({ ...okta, OIDC_ACNE_TRUSTEMAIL: "true" })).toThrow(
      "OIDC_ACNE_TRUSTEMAIL is not a setting, but OIDC_ACNE_TRUST_EMAIL is",
    );
  });
});

describe("15.14 a setting that does nothing beside another", () => {
  const login = { DB_DATABASE: "latchkey", DB_USERNAME: "a", DB_PASSWORD: "canary", DB_PORT: "5432" };
  const ofServer = {
    ...login,
    DB_POOL_MAX: "11",
    DB_ACQUIRE_TIMEOUT_SECONDS: "11",
    DB_CONNECT_TIMEOUT_SECONDS: "11",
    DB_RETRY_BUDGET_SECONDS: "11",
    DB_TRUST_SERVER_CERTIFICATE: "true",
  };

  test.each(Object.entries(ofServer))(
    "%s=%s without DB_SERVER is a warning in development, and refused elsewhere",
    (name, value) => {
      const told = `${name} does nothing without DB_SERVER`;
      expect(warnings({ [name]: value })).toEqual([told]);
      for (const ENVIRONMENT of ["staging", "production"])
        expect(() => load({ ...production, DB_SERVER: "", DB_DATABASE: "", ENVIRONMENT, [name]: value })).toThrow(told);
    },
  );

  test("the settings of a server warn whoever migrates, too", () => {
    Object.assign(process.env, { DB_PASSWORD: "canary", db_server: "canary" });
    expect(loadProcessDatabaseConfig()).toMatchObject({
      server: undefined,
      warnings: ["db_server is not a setting, but DB_SERVER is", "DB_PASSWORD does nothing without DB_SERVER"],
    });
    Object.assign(process.env, { ...server, EMBEDDED_DB_FILE: "a.db", DB_PASSWORD: "" });
    expect(loadProcessDatabaseConfig().warnings).toEqual(["EMBEDDED_DB_FILE does nothing with DB_SERVER"]);
  });

  const rotation = "SIGNING_KEY_ROTATION_DAYS does nothing with";
  test.each([
    [{ ...server, EMBEDDED_DB_FILE: "a.db" }, "EMBEDDED_DB_FILE does nothing with DB_SERVER"],
    [{ ...production, EMBEDDED_DB_FILE: "a.db" }, "EMBEDDED_DB_FILE does nothing with DB_SERVER"],
    [{ ALGORITHM: "HS256", SIGNING_KEY_ROTATION_DAYS: "10" }, rotation],
    [{ SIGNING_KEY_VAULT_KEY_ID: `${vaultKey}/${"0a".repeat(16)}`, SIGNING_KEY_ROTATION_DAYS: "10" }, rotation],
  ])("%o is a warning", (settings, told) => {
    expect(warnings(settings)).toEqual([expect.stringContaining(told)]);
  });

  test.each([
    [{ SIGNING_KEY_ROTATION_DAYS: "10" }],
    [{ SIGNING_KEY_ROTATION_DAYS: "10", SIGNING_KEY_VAULT_KEY_ID: vaultKey }],
  ])("%o is none", (settings) => {
    expect(warnings(settings)).toEqual([]);
  });

  test.each([[{}], [{ ALGORITHM: "HS256" }], [server], [production], [{ ...production, ALGORITHM: "HS256" }]])(
    "every key of the example file, and %o, is no warning",
    (chosen) => {
      const { Values } = parse(readFileSync("local.settings.example.json", "utf8")) as {
        Values: Record<string, string>;
      };
      expect(loadConfig({ ...Values, SECRET_KEY: secret, ...chosen, ARGON2_MEMORY_KIB: "19456" }).warnings).toEqual([]);
    },
  );
});
