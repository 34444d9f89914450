import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";
import type { Services } from "../../../shared/services.ts";
import { meStatus, newDevice, password, registerPerson, signIn, toDevice } from "../../support/people.ts";
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
    expect(types().slice(0, 2)).toEqual(["session.ended", "sign_in.succeeded"]);
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

describe("of sign-ins that are signed at the same time, and are more than an account may have sessions,", () => {
  test.each([4, 7])("%i: as many are answered as may be, and each of these is signed in", async (count) => {
    const email = await registerPerson(api);
    const before = await signIn(api, email);
    clock.advance(1);
    signTogether(count);
    logLines.length = 0;
    const body = { email, password };
    const answers = await Promise.all(Array.from({ length: count }, () => api.post("/auth/login", { body })));
    accessTokens.issue = issue;
    const [given, refused] = [200, 503].map((wanted) => answers.filter(({ status }) => status === wanted));
    const devices = given?.map((answer) => toDevice(email, answer)) ?? [];
    expect(await Promise.all(devices.map((device) => meStatus(api, device)))).toEqual([200, 200, 200]);
    expect(refused).toHaveLength(count - 3);
    for (const { json, setCookies, headers } of refused ?? [])
      expect([json.error_code, setCookies, headers.get("retry-after")]).toEqual(["OVERLOADED", [], "1"]);
    expect(await meStatus(api, before)).toBe(401);
    const counted = (type: string) => types().filter((one) => one === type).length;
    expect([counted("sign_in.succeeded"), counted("sign_in.failed")]).toEqual([3, count - 3]);
    expect(counted("session.ended")).toBe(count - 3 + 1);
  });
});

test("a sign-in that is signed by another service does not count as a change of the account", async () => {
  const { accessToken, email } = await newDevice(api);
  const changedAt = async () => (await api.get("/auth/me", { bearer: accessToken })).json.data.user.updated_at;
  const before = await changedAt();
  clock.advance(5);
  await signIn(api, email);
  expect(await changedAt()).toBe(before);
});

/** Lets sign-ins go on only once this many wait for their signatures. */
function signTogether(count: number): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  accessTokens.issue = async (grant, now) => {
    waiting += 1;
    if (waiting === count) resolve();
    await promise;
    return issue(grant, now);
  };
}

/** The types of the audit events so far. */
function types(): string[] {
  return logLines
    .map((line) => JSON.parse(line) as Record<string, string>)
    .flatMap(({ event, type }) => (event === "audit" && type !== undefined ? type : []));
}
