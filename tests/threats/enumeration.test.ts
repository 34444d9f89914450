// What an answer says of limits must not tell whether an address has an account; tests/wire holds the work behind it.
import { describe, expect, test } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { startService, withSettings } from "../support/service.ts";

const service = await startService();
const { api } = service;
const limits = { RATE_LIMITS: "on", RATE_LIMIT_REGISTRATION: "5/60", EMAIL_VERIFICATION: "required" };
let networks = 0;

/** What seven calls from a network of their own are answered, but for what is new in every answer. */
async function answersTo(path: string, body: object) {
  const from = { "X-Forwarded-For": `10.0.${(networks += 1)}.7` };
  const answers: unknown[] = [];
  for (let one = 0; one < 7; one += 1) {
    const { status, headers, json, setCookies } = await api.post(path, { body, headers: from });
    const told = [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
    const shown = told.map(([name, value]) => [name, value.replaceAll(/pk=:[^:]*:/g, "pk")]);
    answers.push({ status, shown, setCookies, json: { ...json, timestamp: "" } });
  }
  return answers;
}

describe("ASVS 6.3.8: with limits on, status, body, headers and counts are alike for known and unknown addresses:", () => {
  test.each([
    ["/auth/login", { password: "not the pass phrase" }],
    ["/auth/me/deletion/cancel", { password: "not the pass phrase" }],
    ["/auth/password/forgot", {}],
    ["/auth/email/resend", {}],
    ["/auth/register", { username: "Ada", password }],
  ])("%s", async (path, rest) => {
    const known = await registerPerson(api);
    // The host appends the test's own address.
    withSettings(service, { ...limits, TRUSTED_PROXY_HOPS: "2" });
    const ofKnown = await answersTo(path, { email: known, ...rest });
    expect(ofKnown.filter((answer) => (answer as { status: number }).status === 429)).toHaveLength(2);
    expect(await answersTo(path, { email: `nobody${networks}@example.com`, ...rest })).toEqual(ofKnown);
  });
});
