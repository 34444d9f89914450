import { describe, expect, test } from "vitest";
import { createAccountCalls } from "../../support/accounts.ts";
import { startService } from "../../support/service.ts";

const service = await startService({ EMAIL_VERIFICATION: "required" });
const { register, logIn, verify, forgot, reset, resend, mailed, mailsTo } = createAccountCalls(service);
const another = "another pass phrase";
const label = "x".repeat(58);

describe("addresses that programs get wrong", () => {
  test.each([
    ["an internationalised domain", "ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["the same by its A-label", "eve@xn--bcher-kva.example", "EVE@BÜCHER.example"],
    ["a local part in another script", "用戶@例え.テスト", "用戶@xn--r8jz45g.xn--zckzah"],
    ["capital letters", "Grace@Example.COM", "grace@example.com"],
    ["254 characters", `${"l".repeat(64)}@${label}.${label}.${label}.example`.padEnd(254, "z"), undefined],
    ["HTML-like characters", "o'brien&{co}@example.com", undefined],
  ])("%s: the whole way, in either spelling", async (_what, email, other = email) => {
    expect((await register(email, { username: "<b>Ada</b> & \u201CCo\u201D" })).status).toBe(202);
    const { code, username } = await mailed("verify_email", email);
    expect(username).toBe("<b>Ada</b> & \u201CCo\u201D");
    await resend(other);
    expect(await mailsTo("verify_email", email)).toBe(2);
    const newer = await mailed("verify_email", email);
    if (newer.code !== code) expect((await verify({ email: other, code })).status).toBe(400);
    expect((await verify({ email: other, code: newer.code })).status).toBe(200);
    expect((await register(other)).status).toBe(202);
    expect(await mailsTo("already_registered", email)).toBe(1);
    await forgot(other);
    expect((await reset((await mailed("reset_password", email)).token, another)).status).toBe(200);
    expect((await logIn(other, another)).status).toBe(200);
  });

  test.each([
    ["CR LF", "ada@example.com\r\nBcc: eve@example.com"],
    ["CR LF before the domain", "ada\r\nBcc:eve@example.com"],
    ["two addresses", "ada@example.com,eve@example.com"],
    ["a display name", "Ada <ada@example.com>"],
    ["a quoted local part", '"ada"@example.com'],
    ["a space", "ada lovelace@example.com"],
    ["an address literal", "ada@[127.0.0.1]"],
    ["255 characters", `${"l".repeat(64)}@${label}.${label}.${label}.example`.padEnd(255, "z")],
    ["NUL", "ada\u0000@example.com"],
    ["a zero-width space", "ada\u200B@example.com"],
  ])("%s is refused wherever an address is taken", async (_what, email) => {
    for (const answer of [
      await register(email),
      await forgot(email),
      await resend(email),
      await verify({ email, code: "123456" }),
      await logIn(email),
    ])
      expect(answer.status).toBe(422);
  });

  test("CR LF in a name is refused", async () => {
    expect((await register("line@example.com", { username: "Ada\r\nBcc: eve@example.com" })).status).toBe(422);
  });
});
