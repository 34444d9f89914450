import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress } from "../../support/accounts.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { clock } = service;
const { register, verify, resend, mailed, mailsTo, isVerified } = createAccountCalls(service);

async function registered(): Promise<string> {
  const email = newAddress();
  expect((await register(email)).status).toBe(201);
  return email;
}
const wrong = (code: string) => (code === "000000" ? "000001" : "000000");

describe("POST /auth/email/verify, where verification is optional", () => {
  test("registering mails a link and a code, and the account works without them", async () => {
    const email = await registered();
    expect(await isVerified(email)).toBe(false);
    const { token, code, username } = await mailed("verify_email", email);
    expect([token, code, username]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.stringMatching(/^\d{6}$/),
      "Ada",
    ]);
  });

  test("the link's token proves the address, starts no session, and succeeds again for 24 hours", async () => {
    const email = await registered();
    const { token } = await mailed("verify_email", email);
    for (let round = 0; round < 2; round += 1) {
      const answer = await verify({ token });
      expect([answer.status, answer.json.data, answer.setCookies]).toEqual([200, { email_verified: true }, []]);
    }
    expect(await isVerified(email)).toBe(true);
    clock.advance(86_399);
    expect((await verify({ token })).status).toBe(200);
    clock.advance(1);
    expectDead(await verify({ token }));
  });

  test("so does the code, with any spelling of the address", async () => {
    const email = await registered();
    const { code } = await mailed("verify_email", email);
    expect((await verify({ email: ` ${email.toUpperCase()}`, code })).status).toBe(200);
    expect(await isVerified(email)).toBe(true);
    expect((await verify({ email, code })).status).toBe(200);
  });

  test("of 20 posts of one token at once, all say the success", async () => {
    const email = await registered();
    const { token } = await mailed("verify_email", email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify({ token })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });

  test("five wrong codes end the code, not the link", async () => {
    const email = await registered();
    const { token, code } = await mailed("verify_email", email);
    for (let round = 0; round < 5; round += 1) expectDead(await verify({ email, code: wrong(code) }));
    expectDead(await verify({ email, code }));
    expect((await verify({ token })).status).toBe(200);
  });

  test("a new mail ends the link and the code before it", async () => {
    const email = await registered();
    const before = await mailed("verify_email", email);
    expect((await resend(email)).status).toBe(202);
    const after = await mailed("verify_email", email);
    expect(after.token).not.toBe(before.token);
    expectDead(await verify({ token: before.token }));
    if (before.code !== after.code) expectDead(await verify({ email, code: before.code }));
    expect((await verify({ token: after.token })).status).toBe(200);
  });

  test("who has proven the address gets no further mail", async () => {
    const email = await registered();
    await verify(await mailed("verify_email", email).then(({ token }) => ({ token })));
    expect((await resend(email)).status).toBe(202);
    expect(await mailsTo("verify_email", email)).toBe(1);
  });

  test("a link expires after 30 minutes", async () => {
    const email = await registered();
    const { token, code } = await mailed("verify_email", email);
    clock.advance(30 * 60);
    expectDead(await verify({ token }));
    expectDead(await verify({ email, code }));
  });

  test.each([
    ["nothing", {}],
    ["a token and a code", { token: "t", code: "123456" }],
    ["a code without an address", { code: "123456" }],
    ["an address without a code", { email: "ada@example.com" }],
    ["a code of five digits", { email: "ada@example.com", code: "12345" }],
    ["a code with a letter", { email: "ada@example.com", code: "12345a" }],
    ["something more", { token: "t", password: "p" }],
  ])("%s is 422", async (_what, body) => {
    expect((await verify(body)).status).toBe(422);
  });

  test("tokens that are none are one refusal: truncated, empty, long, of another purpose", async () => {
    const email = await registered();
    const { token } = await mailed("verify_email", email);
    await service.api.post("/auth/password/forgot", { body: { email } });
    const { token: foreign } = await mailed("reset_password", email);
    for (const each of [token.slice(0, -1), `${token}=`, "", "x".repeat(10_000), "\uD800", foreign])
      expectDead(await verify({ token: each }));
    expect((await verify({ token })).status).toBe(200);
  });
});
