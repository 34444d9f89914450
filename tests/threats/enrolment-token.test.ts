// What the token admits that a sign-in gets where a second factor is required and the account has none.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { totpAt } from "../../shared/mfa/totp.ts";
import { password, registerPerson } from "../support/people.ts";
import { pathOf } from "../support/routes.ts";
import { withSettings } from "../support/service.ts";
import { issuerSettings, startSocialService } from "../support/social.ts";

const service = await startSocialService();
const { api, clock, services, issuer, exchange } = service;
const required = { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true", MFA_REQUIRED: "all" };

interface Token {
  readonly email: string;
  readonly mfaToken: string;
  readonly device: string;
}

/** How somebody may have come by the token. */
const ways: Record<string, () => Promise<Token>> = {
  async "a password"() {
    const email = await registerPerson(api);
    withSettings(service, required);
    const { data } = (await api.post("/auth/login", { body: { email, password, transport: "body" } })).json;
    return { email, mfaToken: data.mfa_token, device: data.device_id };
  },
  async "a sign-in at a provider"() {
    withSettings(service, required);
    const email = "enrolling@example.com";
    const { data } = (await exchange({ sub: "enrolling", email, email_verified: true, name: "Ada" })).json;
    return { email, mfaToken: data.mfa_token, device: data.device_id };
  },
};

const admitted = new Set(["mfa-enrol", "mfa-complete-enrolment"]);
/** What says nothing of whether it found something. */
const silent = new Set(["auth-logout", "oauth-revoke"]);

const db = services.database.queries.withTables<{
  users: { id: string; email: string };
  sessions: { id: string; user_id: string };
  totp_factors: { id: string; user_id: string };
  recovery_codes: { code_hash: Buffer; user_id: string };
  remembered_devices: { id: string; user_id: string };
  identities: { id: string; user_id: string };
  devices: { id: string; user_id: string };
}>();

/** All that belongs to an account. */
async function stateOf(email: string): Promise<unknown[]> {
  const users = await db.selectFrom("users").selectAll().where("email", "=", email).execute();
  const id = users[0]?.id ?? "";
  const owned = ["sessions", "totp_factors", "recovery_codes", "remembered_devices", "identities", "devices"] as const;
  const rows = await Promise.all(
    owned.map((table) => db.selectFrom(table).selectAll().where("user_id", "=", id).execute()),
  );
  return [users, ...rows];
}

interface Shape {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
}
type Content = Record<string, { readonly schema: Shape }>;
const { paths } = JSON.parse(readFileSync("docs/openapi.json", "utf8")) as {
  paths: Record<string, Record<string, { requestBody?: { content: Content } } | undefined> | undefined>;
};

let count = 0;

/** A value of each member that is required somewhere, of somebody who is not there. */
const newValues = (): Readonly<Record<string, string>> => ({
  email: `somebody${(count += 1)}@example.com`,
  username: "Somebody",
  password: "seven grey herons in a row",
  code: "000000",
  method: "totp",
  name: "Phone",
  grant_type: "refresh_token",
});

/** A body with the token wherever an endpoint takes one. */
function bodyOf(route: string, method: string, { mfaToken, device }: Token) {
  const content = paths[`/${route}`]?.[method.toLowerCase()]?.requestBody?.content ?? {};
  const [kind] = Object.keys(content);
  const { properties = {}, required: needed = [] } = content[kind ?? ""]?.schema ?? {};
  const tokens = Object.keys(properties).filter((name) => /^(?:mfa_|refresh_|remember_|captcha_)?token$/.test(name));
  const values = newValues();
  const body = Object.fromEntries([
    ...needed.map((name) => [name, values[name] ?? mfaToken] as const),
    ...tokens.map((name) => [name, mfaToken] as const),
    ...("device_id" in properties ? [["device_id", device] as const] : []),
  ]);
  const sent = kind === undefined ? {} : kind.endsWith("json") ? { body } : { form: body };
  return { ...sent, takesToken: tokens.length > 0 };
}

describe("20.8 the token of who must enrol a second factor,", () => {
  test.each(Object.keys(ways))("got by %s, admits enrolment, and nothing else at any endpoint", async (way) => {
    const token = (await ways[way]?.()) as Token;
    const before = await stateOf(token.email);
    const { mfaToken } = token;
    const cookie = [
      `latchkey_device=${token.device}`,
      ...["mfa_token", "refresh_token", "mfa_remembered"].map((name) => `${name}=${mfaToken}`),
    ].join("; ");
    const others = catalogue().filter(({ name }) => !admitted.has(name));
    const tried = { sessions: 0, tokens: 0 };
    for (const entry of others) {
      const { takesToken, ...sent } = bodyOf(entry.route, entry.method, token);
      const answer = await api.send(entry.method, pathOf(entry), { ...sent, bearer: mfaToken, cookie });
      const { status } = answer;
      if (entry.access === "session") {
        tried.sessions += 1;
        expect([status, answer.json.error_code], entry.name).toEqual([401, "UNAUTHENTICATED"]);
      }
      if (takesToken && !silent.has(entry.name)) {
        tried.tokens += 1;
        expect(status, entry.name).toBeGreaterThanOrEqual(400);
      }
      expect(answer.json?.data?.access_token ?? answer.json?.access_token, entry.name).toBeUndefined();
      expect(answer.cookie ?? "", entry.name).not.toMatch(/^(?:__Host-)?refresh_token=./);
    }
    expect([tried.sessions > 20, tried.tokens > 10], "this test can fail").toEqual([true, true]);
    expect(await stateOf(token.email)).toEqual(before);
    const enrolling = { cookie, body: { mfa_token: mfaToken } };
    const { id, secret } = (await api.post("/auth/mfa/enrolment", enrolling)).json.data;
    const done = await api.post(`/auth/mfa/enrolment/${id}/confirm`, {
      cookie,
      body: { mfa_token: mfaToken, code: totpAt(secret, clock.now()) },
    });
    expect(done.status).toBe(200);
    expect(await stateOf(token.email)).not.toEqual(before);
  });
});
