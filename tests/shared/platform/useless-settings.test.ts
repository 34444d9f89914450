import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
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

const load = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });

describe("15.14 a setting that cannot work", () => {
  // As each setting of URLs may meet it.
  const hosts = [
    ["https://*.canary.example", "must have no wildcard: name each host"],
    ["https://canary*.example", "must have no wildcard: name each host"],
    ["https://canary.example.", "must have a host that does not end in a dot"],
    ["https://canary..example", "must name a host that can exist"],
    ["https://-canary.example", "must name a host that can exist"],
    ["https://canary,b.example", "must name a host that can exist"],
    ["https://canary(a).example", "must name a host that can exist"],
    [`https://${"c".repeat(64)}.example`, "must name a host that can exist"],
    ["https://canary.example:0", "must not have port 0"],
  ] as const;

  test.each(hosts)("%s is refused wherever a URL is set", (url, rule) => {
    const cases: Record<string, Record<string, string>> = {
      ISSUER: { ISSUER: url },
      FRONTEND_URL: { FRONTEND_URL: url },
      GOOGLE_ISSUER: { ...google, GOOGLE_ISSUER: url },
      ENTRA_ISSUER: { ENTRA_TENANT_ID: "t", ENTRA_CLIENT_ID: "i", ENTRA_CLIENT_SECRET: "s", ENTRA_ISSUER: url },
      FACEBOOK_BASE_URL: { FACEBOOK_CLIENT_ID: "i", FACEBOOK_CLIENT_SECRET: "s", FACEBOOK_BASE_URL: url },
      GITHUB_BASE_URL: { GITHUB_CLIENT_ID: "i", GITHUB_CLIENT_SECRET: "s", GITHUB_BASE_URL: url },
      OIDC_ACME_ISSUER: { ...acme, OIDC_ACME_ISSUER: url },
    };
    for (const [name, settings] of Object.entries(cases)) {
      expect(refusal(settings), name).toContain(`${name} ${rule}`);
      expect(refusal(settings), name).not.toContain("canary");
    }
    expect(refusal({ REDIRECT_ALLOWLIST: `${url}/` })).toMatch(/REDIRECT_ALLOWLIST (?:has an entry that|must be URLs)/);
    // A list of origins is separated by commas.
    if (!url.includes(",")) expect(refusal({ ALLOWED_ORIGINS: url })).toMatch(/ALLOWED_ORIGINS must/);
  });

  test.each([
    [{ FRONTEND_URL: "https://app.example/?x=1" }, "FRONTEND_URL must have no query and no fragment"],
    [{ FRONTEND_URL: "https://app.example/#/" }, "FRONTEND_URL must have no query and no fragment"],
    [{ FRONTEND_URL: "https://app.example/a//b" }, "FRONTEND_URL must have 511 characters at most, and no //"],
    [{ REDIRECT_ALLOWLIST: "https://app.example/a//" }, "REDIRECT_ALLOWLIST has an entry that admits nothing"],
    [{ REDIRECT_ALLOWLIST: "https://app.example/a%2fb/" }, "REDIRECT_ALLOWLIST has an entry that admits nothing"],
    [
      { REDIRECT_ALLOWLIST: `https://app.example/${"a".repeat(500)}` },
      "REDIRECT_ALLOWLIST has an entry that admits nothing",
    ],
    [{ FRONTEND_URL: "https://app.example/*" }, "FRONTEND_URL must have no wildcard"],
    [{ ISSUER: "https://auth.example.com/*" }, "ISSUER must have no wildcard"],
    [{ ISSUER: "https://auth.example.com//a" }, "ISSUER must have no // and no encoded"],
    [{ ISSUER: "https://auth.example.com/a%2Fb" }, "ISSUER must have no // and no encoded"],
    [{ REDIRECT_ALLOWLIST: "https://a.example/x;https://b.example/y" }, "REDIRECT_ALLOWLIST must have its entries sep"],
    [{ AUDIENCE: "a,b" }, "AUDIENCE is one audience"],
    [{ AUDIENCE: "https://*.example.com" }, "AUDIENCE is one audience"],
    [{ AUDIENCE: "a\u0007b" }, "AUDIENCE must have no control character"],
    [{ FIRST_PARTY_CLIENT_ID: "a:b" }, "FIRST_PARTY_CLIENT_ID must have 1 to 100 characters of ASCII"],
    [{ FIRST_PARTY_CLIENT_ID: "wéb" }, "FIRST_PARTY_CLIENT_ID must have 1 to 100 characters of ASCII"],
    [
      { SESSION_ABSOLUTE_DAYS: "6", REFRESH_TOKEN_EXPIRE_DAYS: "7" },
      "SESSION_ABSOLUTE_DAYS must be REFRESH_TOKEN_EXPIRE_DAYS or more",
    ],
    [
      { ALGORITHM: "HS256", SIGNING_KEY_VAULT_KEY_ID: "https://v.vault.azure.net/keys/k" },
      "ALGORITHM must be RS256 or ES256",
    ],
    [{ SIGNING_KEY_VAULT_KEY_ID: "https://v..vault.azure.net/keys/k" }, "SIGNING_KEY_VAULT_KEY_ID must name a host"],
    [{ AZURE_CLIENT_ID: "my-identity" }, "AZURE_CLIENT_ID must be the client id of a managed identity, a GUID"],
    [{ ...server, DB_PASSWORD: "b" }, "DB_USERNAME is required with DB_PASSWORD"],
    [{ ...server, DB_SERVER: "a..b" }, "DB_SERVER must be only a server's name"],
    [{ ...server, DB_SERVER: "." }, "DB_SERVER must be only a server's name"],
    [{ ...server, DB_DATABASE: " latchkey" }, "DB_DATABASE must not begin or end with a space"],
    [{ ...server, DB_DATABASE: "a\nb" }, "DB_DATABASE must have 1 to 128 characters"],
    [{ EMBEDDED_DB_FILE: ":memory:" }, "EMBEDDED_DB_FILE must be the path of a file"],
    [{ EMBEDDED_DB_FILE: "file:a.db?mode=memory" }, "EMBEDDED_DB_FILE must be the path of a file"],
    [{ EMBEDDED_DB_FILE: ".data/" }, "EMBEDDED_DB_FILE must be the path of a file"],
    [{ AzureWebJobsStorage: "mystorageaccount" }, "AzureWebJobsStorage must be a connection string"],
    [{ AzureWebJobsStorage: "UseDevelopmentStorage=false" }, "AzureWebJobsStorage must be a connection string"],
    [{ AzureWebJobsStorage: "AccountName=a;AccountKey=" }, "AzureWebJobsStorage must be a connection string"],
    [{ ...google, GOOGLE_ADDITIONAL_CLIENT_IDS: "ios android" }, "GOOGLE_ADDITIONAL_CLIENT_IDS must be client ids"],
    [{ ...google, GOOGLE_ADDITIONAL_CLIENT_IDS: "ios;android" }, "GOOGLE_ADDITIONAL_CLIENT_IDS must be client ids"],
    [{ ...google, GOOGLE_CLIENT_ID: "id\u0001" }, "GOOGLE_CLIENT_ID must have no control character"],
    [{ ...google, GOOGLE_TRUST_EMAIL: "true" }, "GOOGLE_TRUST_EMAIL is not a setting of google"],
    [{ ...google, GOOGLE_BASE_URL: "https://a.example" }, "GOOGLE_BASE_URL is not a setting of google"],
    [{ ...acme, OIDC_ACME_TENANT_ID: "t" }, "OIDC_ACME_TENANT_ID is not a setting of an OpenID issuer"],
  ])("%o is refused: %s", (settings, rule) => {
    expect(refusal(settings as Record<string, string>)).toContain(rule);
  });

  test("in production, one that is taken in development alone is refused", () => {
    expect(refusal({ ...production })).toBe("");
    expect(refusal({ ...production, DB_TRUST_SERVER_CERTIFICATE: "true" })).toContain(
      "DB_TRUST_SERVER_CERTIFICATE must be false in production",
    );
  });

  test.each([
    [{ ISSUER: "https://auth.example.com/base" }],
    [{ ISSUER: "http://[::1]:7071" }],
    [{ FRONTEND_URL: "http://127.0.0.1:3000/app/" }],
    [{ FRONTEND_URL: "https://xn--mller-kva.example" }],
    [{ ALLOWED_ORIGINS: "https://my_host.example:8443,http://[::1]:3000" }],
    [{ REDIRECT_ALLOWLIST: "https://app.example/a//b,com.example.app:/in,https://app.example/in/" }],
    [{ AUDIENCE: "api://orders" }],
    [{ FIRST_PARTY_CLIENT_ID: "8b3f2d4e-0c1a-4d5e-9f60-718293a4b5c6" }],
    [{ SESSION_ABSOLUTE_DAYS: "7", REFRESH_TOKEN_EXPIRE_DAYS: "7" }],
    [{ AzureWebJobsStorage: "UseDevelopmentStorage=true" }],
    [
      {
        AzureWebJobsStorage:
          "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5==;EndpointSuffix=core.windows.net",
      },
    ],
    [{ AzureWebJobsStorage: "QueueEndpoint=https://a.queue.core.windows.net;SharedAccessSignature=sv=1&sig=x%3D;" }],
    [{ ...server, DB_SERVER: "::1" }],
    [{ ...server, DB_USERNAME: "a b", DB_PASSWORD: " p;w " }],
    [{ ...acme, OIDC_ACME_ISSUER: "https://id.acme.example/a/" }],
  ])("%o works", (settings) => {
    expect(refusal(settings as Record<string, string>)).toBe("");
  });
});

describe("15.14 while SECRET_KEY changes, production starts at every step", () => {
  const next = "Zx3Cv5Bn7Mq1We2Rt4Yu6Io8Pa9Sd0F-";
  // docs/deployment.md, Rotation. Between two steps the previous value is a copy of the current one.
  const steps = [
    { SECRET_KEY: secret },
    { SECRET_KEY: secret, SECRET_KEY_PREVIOUS: secret },
    { SECRET_KEY: next, SECRET_KEY_PREVIOUS: secret },
    { SECRET_KEY: next },
  ];

  test.each([
    ["keys in the database", {}],
    ["HS256", { ALGORITHM: "HS256" }],
    ["keys in Key Vault", { SIGNING_KEY_VAULT_KEY_ID: "https://v.vault.azure.net/keys/k" }],
  ])("with %s", (_what, keys) => {
    expect(steps.map((step) => refusal({ ...production, ...keys, ...step }))).toEqual(["", "", "", ""]);
  });
});

/** What the start is refused with; empty when it is not. */
function refusal(settings: Record<string, string>): string {
  try {
    load(settings);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
