import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";
import type { Services } from "../../../shared/services.ts";
import { meStatus, password, registerPerson, signIn, toDevice } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService({ SESSIONS_PER_ACCOUNT: "3" });
const { api, clock, issuer, logLines } = service;
const { keys: signingKeys, access: accessTokens } = service.services.tokens as {
  keys: { current: Services["tokens"]["keys"]["current"] };
  access: { issue: Services["tokens"]["access"]["issue"] };
};
const { current } = signingKeys;
const { issue } = accessTokens;
let isAway = false;

/** A vault that signs, and that may be away between being looked at and being asked. */
beforeEach(() => {
  signingKeys.current = async (now) => ({ ...(await current(now)), isRemote: true });
  accessTokens.issue = async (grant, now) => {
    if (isAway) throw new ApiError("SIGNING_UNAVAILABLE", { retryAfterSeconds: 5 });
    return issue(grant, now);
  };
});

afterEach(() => {
  isAway = false;
  signingKeys.current = current;
  accessTokens.issue = issue;
});

const types = () =>
  logLines
    .map((line) => JSON.parse(line) as Record<string, string>)
    .flatMap(({ event, type }) => (event === "audit" ? type : []));

describe("while nothing can sign, a sign-in", () => {
  test.each([
    ["by password", async (email: string) => ({ path: "/auth/login", body: { email, password } })],
    [
      "at a provider",
      async (email: string) => {
        const person = { sub: `of ${email}`, email, email_verified: true };
        const idToken = await issuer.idToken({ nonce: "n", ...person });
        return { path: "/auth/oauth/acme", body: { id_token: idToken, nonce: "n" } };
      },
    ],
  ])("%s ends no session, neither the browser's nor those of other devices", async (_how, request) => {
    const email = await registerPerson(api);
    const { path, body } = await request(email);
    // The address is proven once, which ends what was there before.
    if (path !== "/auth/login") await api.post(path, { body });
    const devices = [await enter(), await enter(), await enter()];
    const [held] = devices;
    async function enter() {
      clock.advance(1);
      return toDevice(email, await api.post(path, { body }));
    }
    isAway = true;
    logLines.length = 0;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const answer = await api.post(path, { body, cookie: held?.cookie });
      expect([answer.status, answer.setCookies]).toEqual([503, []]);
    }
    expect(types()).not.toContain("sign_in.succeeded");
    expect(types()).not.toContain("session.ended");
    expect(types().filter((type) => type === "sign_in.failed").length).toBeGreaterThanOrEqual(5);
    isAway = false;
    for (const device of devices) expect(await meStatus(api, device)).toBe(200);
    logLines.length = 0;
    const answer = await api.post(path, { body, cookie: held?.cookie });
    expect(answer.status).toBe(200);
    expect(await Promise.all(devices.map((device) => meStatus(api, device)))).toEqual([401, 200, 200]);
    expect(types()).toEqual(["session.ended", "sign_in.succeeded"]);
  });
});

test("a signer that is another service signs first, and the limit of sessions holds all the same", async () => {
  const email = await registerPerson(api);
  const devices = [];
  for (let count = 0; count < 5; count += 1) {
    clock.advance(1);
    devices.push(await signIn(api, email));
  }
  expect(await Promise.all(devices.map((device) => meStatus(api, device)))).toEqual([401, 401, 200, 200, 200]);
});
