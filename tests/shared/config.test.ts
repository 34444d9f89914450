import { readFileSync } from "node:fs";
import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { loadConfig, settingNames } from "../../shared/config.ts";
import { ConfigError } from "../../shared/platform/settings/config-error.ts";

const secret = "k9Jx2vQ7mZ4pT8wB1nC6rY3sD5fG0hLa";
const production = {
  ENVIRONMENT: "production",
  SECRET_KEY: secret,
  ISSUER: "https://auth.contoso.com",
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.contoso.com",
  MAIL_FROM: "noreply@contoso.com",
};

function faults(settings: Record<string, string>): string {
  try {
    loadConfig(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "";
}

describe("loadConfig, in development", () => {
  test("with a secret alone, gives the documented defaults", () => {
    const config = loadConfig({ SECRET_KEY: secret });
    expect(config.service.issuer).toBe("http://localhost:7071");
    expect(config.service.isSecure).toBe(false);
    expect(config.tokens).toMatchObject({ algorithm: "RS256", audience: "http://localhost:7071", ttlSeconds: 1800 });
    expect(config.sessions).toEqual({
      idleSeconds: 604800,
      absoluteSeconds: 7776000,
      graceSeconds: 10,
      perAccount: 50,
      sensitiveMaxAgeSeconds: 300,
    });
    expect(config.passwords).toEqual({
      minLength: 15,
      minScore: 2,
      breached: { kind: "off" },
      memoryKib: 19456,
      iterations: 2,
      parallelism: 1,
    });
    expect(config.http.trustedProxyHops).toBe(1);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("with a setting of an earlier release, says which one took its place", () => {
    const { warnings, audit } = loadConfig({ SECRET_KEY: secret, ACTIVITY_KEEP_DAYS: "180" });
    expect(warnings).toEqual(["ACTIVITY_KEEP_DAYS is not a setting any more: use AUDIT_RETENTION_DAYS"]);
    expect(audit.keptSeconds).toBe(400 * 86_400);
    expect(loadConfig({ SECRET_KEY: secret, ACTIVITY_KEEP_DAYS: "" }).warnings).toEqual([]);
  });

  test.each([
    ["29", "from 30 to 3650"],
    ["3651", "from 30 to 3650"],
    ["400.5", "whole number"],
  ])("refuses to keep the audit log for %s days", (days, rule) => {
    expect(faults({ SECRET_KEY: secret, AUDIT_RETENTION_DAYS: days })).toContain(rule);
  });

  test("with an empty setting, counts it as absent", () => {
    expect(loadConfig({ SECRET_KEY: secret, ALGORITHM: "", PORT: "" }).tokens.algorithm).toBe("RS256");
  });

  test.each([
    [{ SESSION_ABSOLUTE_DAYS: "1" }, 1, 1],
    [{ SESSION_ABSOLUTE_DAYS: "6" }, 6, 6],
    [{ SESSION_ABSOLUTE_DAYS: "30" }, 7, 30],
    [{ REFRESH_TOKEN_EXPIRE_DAYS: "90" }, 90, 90],
    [{ REFRESH_TOKEN_EXPIRE_DAYS: "100" }, 100, 100],
    [{ REFRESH_TOKEN_EXPIRE_DAYS: "2", SESSION_ABSOLUTE_DAYS: "2" }, 2, 2],
  ])(
    "15.14 of the limits of a session, the one that is given wins over the other's default: %o",
    (given, idle, absolute) => {
      const { sessions } = loadConfig({ SECRET_KEY: secret, ...given });
      expect([sessions.idleSeconds, sessions.absoluteSeconds]).toEqual([idle * 86_400, absolute * 86_400]);
    },
  );

  test("the port is part of the default issuer", () => {
    expect(loadConfig({ SECRET_KEY: secret, PORT: "8080" }).service.issuer).toBe("http://localhost:8080");
  });

  test("allowed origins are the list, the front end's and the service's own", () => {
    const config = loadConfig({
      SECRET_KEY: secret,
      FRONTEND_URL: "http://localhost:3000/app",
      ALLOWED_ORIGINS: "https://a.example, https://b.example:8443",
    });
    expect([...config.http.allowedOrigins]).toEqual([
      "http://localhost:7071",
      "http://localhost:3000",
      "https://a.example",
      "https://b.example:8443",
    ]);
  });

  test("with several wrong settings, names each of them and no value", () => {
    const message = faults({
      SECRET_KEY: "short-canary",
      ALGORITHM: "none-canary",
      PORT: "70710",
      ACCESS_TOKEN_EXPIRE_MINUTES: "1.5",
      FRONTEND_URL: "javascript:canary",
    });
    for (const name of ["SECRET_KEY", "ALGORITHM", "PORT", "ACCESS_TOKEN_EXPIRE_MINUTES", "FRONTEND_URL"]) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain("canary");
  });

  test.each([
    [{}, "SECRET_KEY is required"],
    [{ SECRET_KEY: "x".repeat(31) }, "32 characters"],
    [{ SECRET_KEY: secret, ISSUER: "https://a.example/" }, "trailing slash"],
    [{ SECRET_KEY: secret, ISSUER: "https://a.example?x=1" }, "query"],
    [{ SECRET_KEY: secret, ISSUER: "http://a.example" }, "plain http for localhost only"],
    [{ SECRET_KEY: secret, ISSUER: "https://user:pw@a.example" }, "absolute http"],
    [{ SECRET_KEY: secret, ALLOWED_ORIGINS: "https://a.example/path" }, "origins such as"],
    [{ SECRET_KEY: secret, ALLOWED_ORIGINS: "null" }, "origins such as"],
    [{ SECRET_KEY: secret, ALLOWED_ORIGINS: "*" }, "must name each origin"],
    [{ SECRET_KEY: secret, ENVIRONMENT: "prod" }, "development, staging or production"],
    [{ SECRET_KEY: secret, PASSWORD_MIN_LENGTH: "7" }, "from 8 to 64"],
    [{ SECRET_KEY: secret, ARGON2_MEMORY_KIB: "16", ARGON2_PARALLELISM: "4" }, "8 times"],
    [{ SECRET_KEY: secret, DB_SERVER: "db.example" }, "DB_DATABASE is required with DB_SERVER"],
    [{ SECRET_KEY: secret, DB_SERVER: "tcp:db.example", DB_DATABASE: "a" }, "DB_SERVER must be"],
    [{ SECRET_KEY: secret, DB_SERVER: "db.example,1433", DB_DATABASE: "a" }, "DB_SERVER must be"],
    [{ SECRET_KEY: secret, DB_SERVER: "db.example:1433", DB_DATABASE: "a" }, "DB_SERVER must be"],
    [
      { SECRET_KEY: secret, DB_SERVER: "db.example", DB_DATABASE: "a", DB_USERNAME: "latchkey" },
      "DB_PASSWORD is required with DB_USERNAME",
    ],
    [{ SECRET_KEY: secret, DB_TRUST_SERVER_CERTIFICATE: "yes" }, "DB_TRUST_SERVER_CERTIFICATE must be true or false"],
    [{ SECRET_KEY: secret, DB_RETRY_BUDGET_SECONDS: "60" }, "from 1 to 25"],
    [{ SECRET_KEY: secret, FRONTEND_URL: "HTTP://app.example" }, "plain form"],
    [{ SECRET_KEY: secret, FRONTEND_URL: " http://app.example" }, "plain form"],
    [{ SECRET_KEY: secret, ISSUER: "https:auth.example.com" }, "plain form"],
    [{ SECRET_KEY: secret, ISSUER: "https://AUTH.example.com" }, "plain form"],
    [{ SECRET_KEY: secret, AUDIENCE: " " }, "AUDIENCE must have no space"],
    [{ SECRET_KEY: secret, WEBSITE_INSTANCE_ID: "azure" }, "ENVIRONMENT is required in Azure"],
    [{ SECRET_KEY: "your-very-long-and-secure-secret-key-minimum-32-characters" }, "still the example"],
    [{ SECRET_KEY: "replace-me-with-32-random-characters-or-more" }, "still the example"],
    [
      { SECRET_KEY: "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)" },
      "a vault that Azure could not",
    ],
    [
      { SECRET_KEY: secret, GITHUB_CLIENT_SECRET: "@Microsoft.KeyVault(SecretUri=https://v/)" },
      "GITHUB_CLIENT_SECRET refers",
    ],
  ])("%o is refused: %s", (settings, reason) => {
    expect(faults(settings as Record<string, string>)).toContain(reason);
  });
});

describe("loadConfig, with a SQL Server", () => {
  const identity = "8b3f2d4e-0c1a-4d5e-9f60-718293a4b5c6";
  const server = { SECRET_KEY: secret, DB_SERVER: "a.database.windows.net", DB_DATABASE: "latchkey" };

  test("and nothing else, gives the documented limits and the identity of the service", () => {
    expect(loadConfig({ ...server, AZURE_CLIENT_ID: identity }).database.server).toEqual({
      server: "a.database.windows.net",
      port: 1433,
      database: "latchkey",
      login: { clientId: identity, isInAzure: false },
      poolMax: 10,
      acquireTimeoutSeconds: 10,
      connectTimeoutSeconds: 15,
      retryBudgetSeconds: 25,
      verifyCertificate: true,
    });
  });

  test("in Azure, knows that the platform offers managed identities", () => {
    const azure = loadConfig({ ...server, IDENTITY_ENDPOINT: "http://localhost:8081/msi/token" });
    expect(azure.database.server?.login).toEqual({ clientId: undefined, isInAzure: true });
  });

  test("and a SQL login, uses that", () => {
    const config = loadConfig({ ...server, DB_USERNAME: "latchkey", DB_PASSWORD: "pw" });
    expect(config.database.server?.login).toEqual({ username: "latchkey", password: "pw" });
  });

  test.each(["localhost", "127.0.0.1", "::1"])("on %s, checks no certificate", (name) => {
    expect(loadConfig({ ...server, DB_SERVER: name }).database.server?.verifyCertificate).toBe(false);
  });

  test("in development, trusts any certificate when told to", () => {
    const config = loadConfig({ ...server, DB_TRUST_SERVER_CERTIFICATE: "true" });
    expect(config.database.server?.verifyCertificate).toBe(false);
  });

  test("without one, uses the embedded engine", () => {
    expect(loadConfig({ SECRET_KEY: secret }).database.server).toBeUndefined();
  });
});

describe.each(["production", "staging"])("loadConfig, in %s", (environment) => {
  const base = { ...production, ENVIRONMENT: environment };

  test.each([
    [{ ISSUER: "" }, "ISSUER is required"],
    [{ ISSUER: "http://localhost:7071" }, "ISSUER must be https"],
    [{}, "DB_SERVER is required"],
    [{ SECRET_KEY: "my-Password-is-0987654321-zyxwvutsr" }, "SECRET_KEY must be random"],
    [{ SECRET_KEY: "ab".repeat(20) }, "SECRET_KEY must be random"],
    [{ FRONTEND_URL: "http://app.example" }, "FRONTEND_URL must be https"],
    [{ ALLOWED_ORIGINS: "https://a.example,http://b.example" }, "ALLOWED_ORIGINS must be https"],
    [{ ALLOWED_ORIGINS: "*" }, "must name each origin"],
    [{ ARGON2_MEMORY_KIB: "19455" }, "ARGON2_MEMORY_KIB must be 19456 or more"],
    [{ ARGON2_MEMORY_KIB: "7167", ARGON2_ITERATIONS: "9" }, "ARGON2_MEMORY_KIB must be 7168 or more"],
  ])("%o is refused: %s", (settings, reason) => {
    expect(faults({ ...base, ...settings })).toContain(reason);
  });

  test("a good secret, issuer and cost raise no objection of their own", () => {
    expect(faults(base)).toBe(
      "Wrong settings: DB_SERVER is required in production: the embedded database is for development",
    );
  });

  test("takes a SQL Server, whose certificate is checked, and no setting that says otherwise", () => {
    const server = { DB_SERVER: "a.database.windows.net", DB_DATABASE: "a" };
    expect(loadConfig({ ...base, ...server }).database.server?.verifyCertificate).toBe(true);
    expect(faults({ ...base, ...server, DB_TRUST_SERVER_CERTIFICATE: "true" })).toContain(
      "must be false in production",
    );
  });
});

test("local.settings.example.json has exactly the known settings, and the host's own", () => {
  const example = parse(readFileSync("local.settings.example.json", "utf8")) as { Values: Record<string, string> };
  expect(Object.keys(example.Values).toSorted()).toEqual([...settingNames, "FUNCTIONS_WORKER_RUNTIME"].toSorted());
});
