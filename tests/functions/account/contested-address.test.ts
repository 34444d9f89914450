import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress, visible } from "../../support/accounts.ts";
import { meStatus, password, signIn } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService({ EMAIL_VERIFICATION: "required" });
const { api, clock } = service;
const { register, logIn, verify, resend, reset, mailed, mailsTo } = createAccountCalls(service);
const [strangers, chosen] = ["a stranger's pass phrase", "another pass phrase"];

const codeOf = async (email: string, given = password) => (await logIn(email, given)).json.error_code;

/** Somebody registers, and then a stranger with the same address. */
async function contested(): Promise<string> {
  const email = newAddress();
  await register(email);
  clock.advance(1);
  await register(email, { username: "Call me", password: strangers });
  clock.advance(1);
  return email;
}

describe("a mail that was asked for while several registrations of an address wait", () => {
  test.each(["link", "code"])(
    "proves it by its %s, completes none of them, and another mail chooses a password",
    async (by) => {
      const email = await contested();
      await resend(email);
      const { token, code, username } = await mailed("verify_email", email);
      expect(username).not.toBe("Call me");
      const proof = by === "link" ? { token } : { email, code };
      for (let round = 0; round < 2; round += 1) {
        const { status, json } = await verify(proof);
        expect([status, json.data]).toEqual([200, { email_verified: true }]);
      }
      expect([await codeOf(email), await codeOf(email, strangers)]).toEqual([
        "INVALID_CREDENTIALS",
        "INVALID_CREDENTIALS",
      ]);
      expect(await chooses(email)).toBe(email.split("@")[0]);
    },
  );

  test("ends the one before it, and no registration's own mail: that still completes its registration", async () => {
    const email = await contested();
    const own = await mailed("verify_email", email);
    await resend(email);
    const first = await mailed("verify_email", email);
    await resend(email);
    expectDead(await verify({ token: first.token }));
    expect((await verify({ token: own.token })).status).toBe(200);
    expect((await logIn(email, strangers)).status).toBe(200);
    expectDead(await verify({ token: (await mailed("verify_email", email)).token }));
    expect(await mailsTo("reset_password", email)).toBe(0);
  });

  test("also takes over an account that nobody has proven, with what its creator left there", async () => {
    const email = newAddress();
    withSettings(service, { EMAIL_VERIFICATION: "optional" });
    await register(email);
    const creator = await signIn(api, email);
    withSettings(service, { EMAIL_VERIFICATION: "required" });
    await register(email, { username: "Call me", password: strangers });
    await resend(email);
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
    expect([await meStatus(api, creator), await codeOf(email), await codeOf(email, strangers)]).toEqual([
      401,
      "INVALID_CREDENTIALS",
      "INVALID_CREDENTIALS",
    ]);
    await chooses(email);
  });

  test("makes one account, of 20 posts at once", async () => {
    const email = await contested();
    await resend(email);
    const { token } = await mailed("verify_email", email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify({ token })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    await chooses(email);
  });
});

test("beyond 20 waiting registrations a further one is answered alike, not kept, and mails nobody; another mail leads to an account", async () => {
  const email = newAddress();
  for (let count = 0; count < 20; count += 1) await register(email, { password: strangers });
  const twentieth = await mailed("verify_email", email);
  clock.advance(1);
  const [alike, late] = [await register(newAddress()), await register(email)];
  expect(visible(late)).toEqual(visible(alike));
  expect([await mailsTo("verify_email", email), await codeOf(email)]).toEqual([20, "INVALID_CREDENTIALS"]);
  await resend(email);
  expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
  await chooses(email);
  expectDead(await verify({ token: twentieth.token }));
});

test("a mail that was asked for while one waits completes that one, though others come after", async () => {
  const email = newAddress();
  await register(email);
  await resend(email);
  const { token } = await mailed("verify_email", email);
  clock.advance(1);
  await register(email, { username: "Call me", password: strangers });
  expect((await verify({ token })).status).toBe(200);
  expect((await logIn(email)).json.data.user.username).toBe("Ada");
});

/** The person chooses a password by the mail that follows. */
async function chooses(email: string): Promise<string> {
  expect(await mailsTo("reset_password", email)).toBe(1);
  expect((await reset((await mailed("reset_password", email)).token, chosen)).status).toBe(200);
  const { status, json } = await logIn(email, chosen);
  expect(status).toBe(200);
  return json.data.user.username;
}
