import { createHash } from "node:crypto";
import { afterEach, beforeEach } from "vitest";
import { provideServices } from "../../shared/services.ts";
import { createBrowser, locationOf } from "./browser.ts";
import { createTestClock } from "./clock.ts";
import { clientSecret, startIssuer, type TestIssuer } from "./providers/issuer.ts";
import { serveProvider, type ProviderAnswer, type ProviderServer } from "./providers/serve.ts";
import { createTestServices, startService, type TestService } from "./service.ts";
import { home, issuerSettings, ownOrigin } from "./social.ts";

/** A service with two issuers, `acme` and `other`; before each test it has read nothing of either, and both behave. */
export async function startMisbehavingIssuer() {
  const clock = createTestClock();
  const [issuer, other] = [await startIssuer(clock), await startIssuer(clock)];
  const settings = { ...issuerSettings("OIDC_ACME", issuer), ...issuerSettings("OIDC_OTHER", other) };
  const service = await startService(settings);
  /** An endpoint of acme elsewhere, which answers whatever a test wants. */
  const odd: ProviderServer & { answer: ProviderAnswer } = Object.assign(await serveProvider(() => odd.answer), {
    answer: {},
  });

  /** From here on the service has read nothing of its providers. */
  async function startAnew(more: Record<string, string> = {}): Promise<void> {
    provideServices((await createTestServices({ ...settings, ...more }, service.database)).services);
    issuer.asked.length = 0;
  }

  beforeEach(() => startAnew());
  afterEach(() => {
    issuer.faults.clear();
    for (const name of Object.keys(issuer.document)) delete issuer.document[name];
    issuer.person = {};
    issuer.userInfo = undefined;
  });
  const timesAsked = (call: string) => issuer.asked.filter((one) => one === call).length;
  return { issuer, other, odd, service, startAnew, timesAsked, ...signIns(service, issuer) };
}

/** The ways to sign in at acme, and what went by in them. */
function signIns(service: TestService, issuer: TestIssuer) {
  /** What may stand in no log line and no answer; and all answers. */
  const secrets = new Set([clientSecret, "a/wrong+secret", "the-access-token"]);
  const answers: string[] = [];
  const { idToken } = issuer;
  issuer.idToken = async (...wanted) => {
    const token = await idToken(...wanted);
    secrets.add(token);
    return token;
  };

  async function exchange(body: Record<string, unknown>) {
    const answer = await service.api.post("/auth/oauth/acme", { body: { ...body, transport: "body" } });
    answers.push(JSON.stringify([answer.json, [...answer.headers]]));
    return { status: answer.status, code: answer.json.error_code, retryAfter: answer.headers.get("retry-after") };
  }

  /** Signs in as an app does that has had a code. */
  function byCode() {
    const [verifier, redirectUri] = ["v".repeat(43), `${ownOrigin}/auth/oauth/acme/callback`];
    const asked = new URL(`${issuer.url}/authorize`);
    asked.searchParams.set("redirect_uri", redirectUri);
    asked.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
    const code = codeOf(issuer.authorize(asked.href));
    return exchange({ code, redirect_uri: redirectUri, code_verifier: verifier });
  }

  async function byToken() {
    return exchange({ id_token: await issuer.idToken({ nonce: "n" }), nonce: "n" });
  }

  function codeOf(callback: string): string {
    const code = new URL(callback).searchParams.get("code") ?? "";
    secrets.add(code);
    return code;
  }

  /** Signs in as a browser does. @returns where it ends, and what it keeps */
  async function byBrowser() {
    const browser = createBrowser();
    const visit = async (url: string) => {
      const response = await browser.visit(url);
      answers.push(JSON.stringify([...response.headers]));
      return locationOf(response).href;
    };
    let at = await visit(`${service.url}/auth/oauth/acme/authorize?redirect_to=${home}`);
    if (at.startsWith(issuer.url)) {
      const callback = issuer.authorize(at).replace(ownOrigin, service.url);
      codeOf(callback);
      at = await visit(callback);
    }
    return { at, kept: [...browser.cookies.keys()] };
  }

  return { secrets, answers, exchange, byCode, byToken, byBrowser };
}
