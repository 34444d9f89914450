// What the token admits that a sign-in gets where a second factor is required and the account has none.
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { totpAt } from "../../shared/mfa/totp.ts";
import { bodyOf, stateOf, type Token } from "../support/enrolling.ts";
import { password } from "../support/people.ts";
import { pathOf } from "../support/routes.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { withSettings } from "../support/service.ts";
import { issuerSettings, startSocialService } from "../support/social.ts";

const service = await startSocialService();
const { api, clock, issuer, exchange } = service;
const required = { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true", MFA_REQUIRED: "all" };

/** How somebody may have come by the token. */
const ways: Record<string, () => Promise<Token>> = {
  async "a password"() {
    const { email } = await createFactorCalls(service).provenPerson();
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

describe("20.8 the token of who must enrol a second factor,", () => {
  test.each(Object.keys(ways))("got by %s, admits enrolment, and nothing else at any endpoint", async (way) => {
    const token = (await ways[way]?.()) as Token;
    const before = await stateOf(service, token.email);
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
    expect(await stateOf(service, token.email)).toEqual(before);
    const enrolling = { cookie, body: { mfa_token: mfaToken } };
    const { id, secret } = (await api.post("/auth/mfa/enrolment", enrolling)).json.data;
    const done = await api.post(`/auth/mfa/enrolment/${id}/confirm`, {
      cookie,
      body: { mfa_token: mfaToken, code: totpAt(secret, clock.now()) },
    });
    expect(done.status).toBe(200);
    expect(await stateOf(service, token.email)).not.toEqual(before);
  });
});
