import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startMisbehavingIssuer } from "../../support/misbehaving-issuer.ts";
import { password, registerPerson } from "../../support/people.ts";
import { clientId } from "../../support/providers/issuer.ts";
import type { ProviderFault } from "../../support/providers/serve.ts";
import { home, ownOrigin } from "../../support/social.ts";

const { issuer, other, odd, service, secrets, answers, startAnew, timesAsked, exchange, byCode, byToken, byBrowser } =
  await startMisbehavingIssuer();

const away = { status: 502, code: "PROVIDER_UNAVAILABLE", retryAfter: "5" };
const refused = { status: 401, code: "PROVIDER_TOKEN_INVALID", retryAfter: null };
const welcome = { status: 200, code: undefined, retryAfter: null };
const sentBack = (error: string) => ({ at: `${home}?error=${error}#`, kept: [] });

const endpoints = {
  discovery: { call: "GET /.well-known/openid-configuration", member: undefined },
  keys: { call: "GET /keys", member: "jwks_uri" },
  token: { call: "POST /token", member: "token_endpoint" },
} as const;
const faults: ProviderFault[] = [500, 503, 404, 429, 403, "hangs up", "redirects", "oversized", "no JSON"];
const isRepeated = (fault: ProviderFault) => fault === "hangs up" || (typeof fault === "number" && fault >= 500);

describe.each(Object.entries(endpoints))("%s is away", (name, { call, member }) => {
  test.each(faults)("it answers %s: the provider is unavailable, to an app and to a browser", async (fault) => {
    const [method = "", path = ""] = call.split(" ");
    issuer.faults.set(path, fault);
    expect(await byCode()).toEqual(away);
    expect(timesAsked(call)).toBe(method === "GET" && isRepeated(fault) ? 2 : 1);
    await startAnew();
    expect(await byBrowser()).toEqual(sentBack("PROVIDER_UNAVAILABLE"));
    expect(timesAsked(call)).toBe(method === "GET" && isRepeated(fault) ? 2 : 1);
    issuer.faults.clear();
    await startAnew();
    expect(await byCode()).toEqual(welcome);
  });

  test.each([[[]], [["text"]], ["text"], [7]])("it answers %j: the provider is unavailable", async (body) => {
    odd.answer = { body: typeof body === "string" ? JSON.stringify(body) : body };
    if (member === undefined) await startAnew({ OIDC_ACME_ISSUER: odd.url });
    else issuer.document[member] = `${odd.url}/${name}`;
    expect(await byCode()).toEqual(away);
  });
});

describe("a discovery document that cannot be right", () => {
  test.each<Record<string, unknown>>([
    { issuer: other.url },
    { issuer: `${issuer.url}//` },
    { issuer: undefined },
    { issuer: [issuer.url] },
    { authorization_endpoint: undefined },
    { authorization_endpoint: "javascript:alert(1)" },
    { authorization_endpoint: "http://issuer.example/authorize" },
    { token_endpoint: undefined },
    { token_endpoint: "http://issuer.example/token" },
    { token_endpoint: "/token" },
    { jwks_uri: undefined },
    { jwks_uri: "" },
    { jwks_uri: "http://issuer.example/keys" },
    { jwks_uri: "data:application/json,%7B%22keys%22:[]%7D" },
    { jwks_uri: [`${issuer.url}/keys`] },
  ])("%j: the provider is unavailable, and nothing more is asked of it", async (wrong) => {
    Object.assign(issuer.document, wrong);
    expect([await byCode(), await byToken()]).toEqual([away, away]);
    expect(await byBrowser()).toEqual(sentBack("PROVIDER_UNAVAILABLE"));
    expect(issuer.asked).toEqual(["GET /.well-known/openid-configuration"]);
  });
});

describe("what the token endpoint may say", () => {
  test.each<[status: number, body: object, outcome: object]>([
    [200, { access_token: "the-access-token" }, away],
    [200, { access_token: "the-access-token", id_token: 7 }, away],
    [200, { id_token: "no JWT" }, refused],
    [200, { error: "invalid_grant" }, refused],
    [400, { error: "invalid_grant", error_description: "the code is the-access-token" }, refused],
    [400, { error: "invalid_grant\r\nthe-access-token" }, refused],
    [400, {}, away],
    [401, { error: "invalid_client" }, away],
    [400, { error: "unauthorized_client" }, away],
    [429, { error: "invalid_grant" }, away],
    [400, { error: "temporarily_unavailable" }, away],
  ])("%i %j: it is asked once, and both flows tell whose fault it is", async (status, body, outcome) => {
    odd.answer = { status, body };
    issuer.document["token_endpoint"] = `${odd.url}/token`;
    odd.asked.length = 0;
    expect(await byCode()).toEqual(outcome);
    expect(odd.asked).toEqual(["POST /token"]);
    const error = outcome === away ? "PROVIDER_UNAVAILABLE" : "PROVIDER_TOKEN_INVALID";
    expect(await byBrowser()).toEqual(sentBack(error));
  });

  test("invalid_client, since our secret is wrong: the log says so", async () => {
    await startAnew({ OIDC_ACME_CLIENT_SECRET: "a/wrong+secret" });
    expect(await byCode()).toEqual(away);
    expect(service.logLines.findLast((line) => line.includes("request.refused"))).toContain("invalid_client");
  });

  test("a code that it does not know, the caller is at fault", async () => {
    const redirectUri = `${ownOrigin}/auth/oauth/acme/callback`;
    const body = { code: randomUUID(), redirect_uri: redirectUri, code_verifier: "v".repeat(43) };
    secrets.add(body.code);
    expect(await exchange(body)).toEqual(refused);
  });
});

test.each([{ sub: "another" }, { sub: "subject " }, { sub: "SUBJECT", name: "Nobody" }])(
  "UserInfo is about %j: refused, for nobody's address may be taken for another's",
  async (said) => {
    issuer.userInfo = { email: "victim@example.com", email_verified: true, ...(said as object) };
    expect(await byCode()).toEqual(refused);
    expect(await byBrowser()).toEqual(sentBack("PROVIDER_TOKEN_INVALID"));
  },
);

describe("while one provider is away", () => {
  test("the list names it without its endpoint, the other works, and so do passwords", async () => {
    issuer.faults.set("*", 500);
    const { json } = await service.api.get("/auth/oauth/providers");
    const listed = json.data.providers as { name: string; authorization_endpoint: string | null }[];
    expect(listed.map((one) => [one.name, one.authorization_endpoint])).toEqual([
      ["acme", null],
      ["other", `${other.url}/authorize?tenant=x`],
    ]);
    const email = await registerPerson(service.api);
    expect((await service.api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });

  test("it is silent: its callers get an answer, and once it speaks again they sign in", async () => {
    issuer.faults.set("/keys", "silent");
    const email = await registerPerson(service.api);
    const [outcome, login] = await Promise.all([
      byToken(),
      service.api.post("/auth/login", { body: { email, password } }),
    ]);
    expect([outcome, login.status]).toEqual([away, 200]);
    issuer.faults.clear();
    await expect.poll(byToken, { timeout: 60_000, interval: 500 }).toEqual(welcome);
  });

  test("its discovery document is asked for once in 5 seconds, and then it works without a restart", async () => {
    issuer.faults.set(endpoints.discovery.call.slice("GET ".length), 404);
    for (let round = 0; round < 3; round += 1) expect(await byToken()).toEqual(away);
    expect(issuer.asked).toHaveLength(1);
    issuer.faults.clear();
    await expect.poll(byToken, { timeout: 60_000, interval: 500 }).toEqual(welcome);
  });
});

test("ASVS 16.2.5: in all of the above, no secret, code or token came into a log line or an answer", () => {
  const told = [...service.logLines, ...answers].join("\n");
  expect(service.logLines.length).toBeGreaterThan(100);
  const forms = [...secrets].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(`${clientId}:${encodeURIComponent(secret)}`).toString("base64"),
  ]);
  for (const form of forms) expect(told.includes(form), `${form.slice(0, 8)}…`).toBe(false);
});
