import { beforeEach, describe, expect, test } from "vitest";
import { createTestClock } from "../../support/clock.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { serveProvider, type ProviderAnswer } from "../../support/providers/serve.ts";
import { startService } from "../../support/service.ts";
import { createBrowser, home, issuerSettings, locationOf, ownOrigin } from "../../support/social.ts";

/** Answers for all providers whatever a test wants. */
let answer: ProviderAnswer = {};
const desk = await serveProvider(() => answer);
const issuer = await startIssuer(createTestClock());
issuer.document["token_endpoint"] = `${desk.url}/token`;
const { api, url, logLines } = await startService({
  ...issuerSettings("GOOGLE", issuer),
  ...issuerSettings("ENTRA", issuer),
  ENTRA_TENANT_ID: "00000000-0000-4000-8000-000000000000",
  ...issuerSettings("OIDC_ACME", issuer),
  FACEBOOK_CLIENT_ID: "1482025315183771",
  FACEBOOK_CLIENT_SECRET: "canary-facebook",
  FACEBOOK_BASE_URL: desk.url,
  GITHUB_CLIENT_ID: "ours",
  GITHUB_CLIENT_SECRET: "canary-github",
  GITHUB_BASE_URL: desk.url,
});

beforeEach(() => {
  logLines.length = 0;
});

const long = "a".repeat(20_000);
const prose = "The+person+typed+canary-prose.";

describe.each([false, true])("15.16 an error at the redirect, as a form: %s", (byForm) => {
  test.each<[provider: string, parameters: string, code: string, named: string]>([
    ["facebook", `error_code=901&error_message=${prose}`, "PROVIDER_ERROR", "facebook answers 901"],
    ["facebook", "error_code=1349195", "PROVIDER_ERROR", "answers 1349195"],
    ["facebook", `error=&error_code=100&error_message=${prose}`, "PROVIDER_ERROR", "answers 100"],
    ["facebook", `error_message=${prose}`, "PROVIDER_ERROR", "no code"],
    [
      "facebook",
      `error=server_error&error_code=2&error_description=${prose}`,
      "PROVIDER_UNAVAILABLE",
      "server_error 2",
    ],
    [
      "facebook",
      `error=access_denied&error_code=200&error_description=${prose}&error_reason=user_denied`,
      "ACCESS_DENIED",
      "access_denied user_denied 200",
    ],
    ["facebook", "error_code=200&error_reason=user_denied", "ACCESS_DENIED", "user_denied 200"],
    ["google", "error=access_denied", "ACCESS_DENIED", "google answers access_denied"],
    ["google", "error=interaction_required", "PROVIDER_ERROR", "interaction_required"],
    ["google", "error=org_internal", "PROVIDER_ERROR", "org_internal"],
    ["google", "error=admin_policy_enforced", "PROVIDER_ERROR", "admin_policy_enforced"],
    ["google", "error=temporarily_unavailable", "PROVIDER_UNAVAILABLE", "temporarily_unavailable"],
    ["entra", `error=access_denied&error_subcode=cancel&error_description=${prose}`, "ACCESS_DENIED", "cancel"],
    ["entra", "error=server_error&error_description=AADSTS90033:+A+transient", "PROVIDER_UNAVAILABLE", "AADSTS90033"],
    [
      "entra",
      `error=invalid_client&error_description=AADSTS650052:+${prose}%0d%0aTrace+ID:+${long}`,
      "PROVIDER_ERROR",
      "entra answers invalid_client AADSTS650052",
    ],
    ["entra", "error=consent_required&error_description=AADSTS65004:+User+declined", "ACCESS_DENIED", "AADSTS65004"],
    [
      "entra",
      "error=server_error&error_description=AADB2C90091:+The+user+has+cancelled",
      "ACCESS_DENIED",
      "AADB2C90091",
    ],
    [
      "github",
      `error=access_denied&error_description=${prose}&error_uri=https://docs.github.com/`,
      "ACCESS_DENIED",
      "github",
    ],
    ["github", `error=redirect_uri_mismatch&error_description=${prose}`, "PROVIDER_ERROR", "redirect_uri_mismatch"],
    ["github", `error=application_suspended&error_description=${prose}`, "PROVIDER_ERROR", "application_suspended"],
    ["acme", "error=user_cancelled_login", "ACCESS_DENIED", "user_cancelled_login"],
    ["acme", `error=${encodeURIComponent('a\r\n{"b"')}`, "PROVIDER_ERROR", "no code"],
    ["acme", `error=${"x".repeat(65)}`, "PROVIDER_ERROR", "no code"],
    ["acme", "error=", "VALIDATION_ERROR", ""],
    ["acme", "x=y", "VALIDATION_ERROR", ""],
  ])("%s, %s: %s, and the log names %j", async (provider, parameters, code, named) => {
    const told = parameters.replace(long, long.slice(0, byForm ? 20_000 : 4000));
    expect(await comeBack(provider, told, byForm)).toBe(code);
    expect(logged()).toContain(named);
    expect(logLines.join("\n")).not.toContain("canary");
    expect(logged().length).toBeLessThan(400);
  });
});

test("15.16 what only looks like an error beside a code is none: the code is redeemed", async () => {
  answer = { status: 400, body: { error: "invalid_grant" } };
  expect(await comeBack("acme", "code=x&error_code=0&error_description=none", false)).toBe("PROVIDER_TOKEN_INVALID");
  expect(await comeBack("acme", "code=x&error=access_denied", false)).toBe("ACCESS_DENIED");
  expect(await comeBack("facebook", "error_code=1&error_code=2", false)).toBe("VALIDATION_ERROR");
});

const [refused, unavailable] = [
  [401, "PROVIDER_TOKEN_INVALID"],
  [502, "PROVIDER_UNAVAILABLE"],
];
const graph = (code: number, more: object = {}) => ({
  error: { message: "canary-prose", type: "OAuthException", code, fbtrace_id: "canary-trace", ...more },
});

describe("15.16 an error at the token endpoint", () => {
  const described = {
    error_description: "AADSTS70008: canary-prose",
    error_uri: "https://login.microsoftonline.com/error",
  };
  test.each<[provider: string, status: number, body: object, outcome: readonly unknown[], named: string]>([
    ["google", 400, { error: "invalid_grant", error_description: "canary-prose" }, refused, "(invalid_grant)"],
    ["google", 401, { error: "invalid_client", error_description: "canary-prose" }, unavailable, "(invalid_client)"],
    ["google", 400, { error: "org_internal" }, refused, "(org_internal)"],
    ["entra", 400, { error: "invalid_grant", ...described }, refused, "(invalid_grant AADSTS70008)"],
    ["entra", 400, { error: "invalid_grant", error_codes: [70008], suberror: "bad_token" }, refused, "bad_token 70008"],
    ["entra", 401, { error: "invalid_client", error_codes: [7000222] }, unavailable, "(invalid_client 7000222)"],
    ["entra", 400, { error: "temporarily_unavailable", error_codes: [90033] }, unavailable, "90033"],
    ["entra", 400, { error: "x", error_codes: Array.from({ length: 999 }, (_, index) => index) }, refused, "0 1 2 3)"],
    ["facebook", 400, graph(100, { error_subcode: 36009 }), refused, "(OAuthException 100 36009)"],
    ["facebook", 400, graph(101), unavailable, "(OAuthException 101)"],
    ["facebook", 400, graph(2, { is_transient: true }), unavailable, "(OAuthException 2)"],
    [
      "github",
      200,
      { error: "bad_verification_code", error_description: "canary-prose" },
      refused,
      "bad_verification_code",
    ],
    ["github", 200, { error: "incorrect_client_credentials" }, unavailable, "incorrect_client_credentials"],
    ["github", 200, { error: "unverified_user_email" }, refused, "unverified_user_email"],
    ["acme", 400, { error: { nested: ["canary"] } }, refused, "no code"],
    ["acme", 400, { error: ["canary"] }, refused, "no code"],
  ])("%s, %i %j: the log names its code", async (provider, status, body, outcome, named) => {
    answer = { status, body };
    const grant = { code: "canary-code", redirect_uri: home, code_verifier: "v".repeat(43) };
    const { json, ...told } = await api.post(`/auth/oauth/${provider}`, { body: grant });
    expect([told.status, json.error_code]).toEqual(outcome);
    expect(logged()).toContain(named);
    expect(logLines.join("\n")).not.toContain("canary");
  });
});

describe("15.16 an error of a provider that has trouble of its own, or of a token that has ended", () => {
  const code = { code: "canary-code", redirect_uri: home, code_verifier: "v".repeat(43) };
  const token = { access_token: "canary-access" };
  const entra = { error: "temporarily_unavailable", error_description: "canary-prose", error_codes: [90033] };
  const ended = { code: 190, subcode: 463, message: "canary-prose" };
  const many = { error: "a".repeat(65), error_codes: [0, 1, 2, 3, 4, 5] };
  test.each<[provider: string, status: number, answered: unknown, grant: object, outcome: unknown[], named: string]>([
    ["entra", 503, entra, code, unavailable, "answers 503 (temporarily_unavailable 90033)"],
    ["facebook", 500, graph(2), code, unavailable, "answers 500 (OAuthException 2)"],
    ["facebook", 500, graph(2), token, unavailable, "answers 500 (OAuthException 2)"],
    ["facebook", 503, graph(1, { error_subcode: 99 }), token, unavailable, "answers 503 (OAuthException 1 99)"],
    ["facebook", 200, { data: { is_valid: false, error: ended } }, token, refused, "has expired (190 463)"],
    ["facebook", 200, { data: { is_valid: false, error: "canary prose" } }, token, refused, "has expired (no code)"],
    ["facebook", 200, { data: { is_valid: false } }, token, refused, "has expired (no code)"],
    ["github", 502, { message: "canary-prose" }, token, unavailable, "answers 502 (no code)"],
    ["acme", 503, "<html>canary-prose", code, unavailable, "answers 503 (no code)"],
    ["acme", 500, [], code, unavailable, "answers 500 (no code)"],
    ["acme", 500, many, code, unavailable, "answers 500 (0 1 2 3)"],
  ])("%s, %i %j to %j: the log names its code", async (provider, status, body, grant, outcome, named) => {
    answer = { status, body };
    const { json, ...told } = await api.post(`/auth/oauth/${provider}`, { body: grant });
    expect([told.status, json.error_code]).toEqual(outcome);
    expect(logged()).toContain(named);
    expect(logLines.join("\n")).not.toContain("canary");
  });
});

/** What the log says of a refusal, without the stack, which names files. */
function logged(): string {
  const lines = logLines.map((line) => JSON.parse(line)).filter(({ event }) => event === "request.refused");
  return lines.map(({ message, cause }) => `${message} ${cause?.message}`).join("\n");
}

/** Has a provider send the browser back with these parameters. @returns the error that the application is told */
async function comeBack(provider: string, parameters: string, byForm: boolean) {
  const browser = createBrowser();
  const sent = await browser.visit(`${url}/auth/oauth/${provider}/authorize`);
  const state = locationOf(sent).searchParams.get("state");
  const callback = `${url}/auth/oauth/${provider}/callback`;
  let back = `${callback}?${parameters}&state=${state}`;
  if (byForm) {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site" };
    const onward = await fetch(callback, {
      method: "POST",
      body: `${parameters}&state=${state}`,
      headers,
      redirect: "manual",
    });
    back = (onward.headers.get("location") ?? "").replace(ownOrigin, url);
    expect(back.length).toBeLessThan(1000);
  }
  const end = locationOf(await browser.visit(back));
  expect(end.href.startsWith(home)).toBe(true);
  return end.searchParams.get("error");
}
