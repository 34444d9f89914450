import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress } from "../../support/accounts.ts";
import type { ApiAnswer } from "../../support/api.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, logLines } = service;
const { register, logIn, forgot, verify, reset, mailed, mailsTo } = createAccountCalls(service);
const another = "another pass phrase";
const browser = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

const open = (path: string, headers: Record<string, string> = {}) =>
  api.get(path, { headers: { ...browser, ...headers } });
const press = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  api.post(path, { form, headers: { ...browser, Origin: "null", ...headers } });
const textOf = ({ json }: ApiAnswer) => String(json);

async function links() {
  const email = newAddress();
  await register(email);
  await forgot(email);
  const [verification, forgotten] = [await mailed("verify_email", email), await mailed("reset_password", email)];
  return { email, verifyToken: verification.token, resetToken: forgotten.token };
}

describe("the pages that mailed links open", () => {
  test("change nothing, however often and however they are opened; the form's post does", async () => {
    const { email, verifyToken, resetToken } = await links();
    for (const path of [`/auth/email/verify?token=${verifyToken}`, `/auth/password/reset?token=${resetToken}`])
      for (const method of ["HEAD", "GET", "GET", "HEAD", "GET"])
        expect((await api.send(method, path, { headers: browser })).status).toBe(200);
    expect((await logIn(email)).json.data.user.email_verified).toBe(false);
    expect((await press("/auth/password/reset", { token: resetToken, password: another })).status).toBe(200);
    expect((await logIn(email, another)).status).toBe(200);
  });

  test("are pages without script, whose forms may post to this service only, and which no other page learns of", async () => {
    const { email, verifyToken, resetToken } = await links();
    for (const path of [`/auth/email/verify?token=${verifyToken}`, `/auth/password/reset?token=${resetToken}`]) {
      const answer = await open(path);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toContain("script-src");
      expect(textOf(answer)).not.toMatch(/<script|\son\w+=|<a |http/i);
      expect(textOf(answer)).toContain(email);
    }
  });

  test("confirm an address by one button, and say so again afterwards", async () => {
    const { verifyToken } = await links();
    const done = await press("/auth/email/verify", { token: verifyToken });
    expect([done.status, textOf(done)]).toEqual([200, expect.stringContaining("Your address is confirmed")]);
    const again = await open(`/auth/email/verify?token=${verifyToken}`);
    expect([again.status, textOf(again)]).toEqual([200, expect.stringContaining("Your address is confirmed")]);
  });

  test.each([
    ["in development", {}, "../../account", "Go to your account"],
    ["with the account page", { ACCOUNT_PAGE: "on", FRONTEND_URL: "https://app.example.com/" }, "../../account", "Go"],
    [
      "with a front end",
      { ACCOUNT_PAGE: "off", FRONTEND_URL: "https://app.example.com/a&b" },
      "https://app.example.com/a&amp;b",
      "Continue to ",
    ],
    ["with neither", { ACCOUNT_PAGE: "off", FRONTEND_URL: "" }, undefined, ""],
  ])("lead on after success, %s", async (_where, settings, href, text) => {
    const { verifyToken, resetToken } = await links();
    withSettings(service, settings);
    const done = [
      await press("/auth/email/verify", { token: verifyToken }),
      await open(`/auth/email/verify?token=${verifyToken}`),
      await press("/auth/password/reset", { token: resetToken, password: another }),
    ];
    withSettings(service, {});
    for (const answer of done) {
      expect(answer.status).toBe(200);
      if (href === undefined) expect(textOf(answer)).not.toContain("<a ");
      else expect(textOf(answer)).toContain(`<a class="button" href="${href}">${text}`);
    }
  });

  test("a refused password shows the form again, with the reason and the link still good", async () => {
    const { resetToken } = await links();
    for (const typed of [{}, { password: "" }, { password: "too short" }, { password: "x".repeat(1025) }]) {
      const answer = await press("/auth/password/reset", { token: resetToken, ...typed });
      expect([answer.status, textOf(answer)]).toEqual([
        422,
        expect.stringMatching(/role="alert">(?:At least 15 characters|A password needs at least 15 characters)/),
      ]);
      expect(textOf(answer)).toContain(resetToken);
    }
    const common = await press("/auth/password/reset", { token: resetToken, password: "correct horse battery staple" });
    expect([common.status, textOf(common)]).toEqual([422, expect.stringMatching(/role="alert">Many people use this/)]);
    // A program that forgets it is told so.
    const { json } = await api.post("/auth/password/reset", { body: { token: resetToken } });
    expect(json.details.fields).toEqual([{ field: "password", message: "is required" }]);
    expect((await press("/auth/password/reset", { token: resetToken, password: another })).status).toBe(200);
  });

  const dead = "A".repeat(43);
  test.each([
    ["GET", "verify", "resend", () => open(`/auth/email/verify?token=${dead}`)],
    ["GET without a token", "verify", "resend", () => open("/auth/email/verify")],
    ["GET with two tokens", "verify", "resend", () => open(`/auth/email/verify?token=${dead}&token=${dead}`)],
    ["POST", "verify", "resend", () => press("/auth/email/verify", { token: dead })],
    ["GET", "reset", "forgot", () => open(`/auth/password/reset?token=${dead}`)],
    ["POST", "reset", "forgot", () => press("/auth/password/reset", { token: dead, password: another })],
  ])("%s of a dead link to %s: 400, with a form that asks for another mail", async (_how, _page, again, visit) => {
    const answer = await visit();
    expect(answer.status).toBe(400);
    expect(textOf(answer)).toContain("no longer valid");
    expect(textOf(answer)).toContain(`<form method="post" action="${again}">`);
  });

  test("that form sends the mail, and says the same to everybody; an impossible address is told", async () => {
    const email = newAddress();
    await register(email);
    const before = (await mailed("verify_email", email)).token;
    const [known, unknown] = [
      await press("/auth/email/resend", { email }),
      await press("/auth/password/forgot", { email: newAddress() }),
    ];
    const withoutNonce = (answer: ApiAnswer) => textOf(answer).replaceAll(/nonce="[^"]+"/g, "");
    expect([known.status, unknown.status]).toEqual([202, 202]);
    expect(withoutNonce(known)).toBe(withoutNonce(unknown));
    expect((await mailed("verify_email", email)).token).not.toBe(before);
    const wrong = await press("/auth/password/forgot", { email: "nobody" });
    expect([wrong.status, textOf(wrong)]).toEqual([422, expect.stringContaining("Enter an email address")]);
  });

  test("a form of a foreign page is refused, and mails nobody; one of this site and a program's are not", async () => {
    const { email, verifyToken, resetToken } = await links();
    const before = await mailsTo("reset_password", email);
    for (const [path, form] of [
      ["/auth/password/forgot", { email }],
      ["/auth/email/resend", { email }],
      ["/auth/email/verify", { token: verifyToken }],
      ["/auth/password/reset", { token: resetToken, password: another }],
    ] as const) {
      const answer = await press(path, form, { "Sec-Fetch-Site": "cross-site" });
      expect([answer.status, textOf(answer)], path).toEqual([
        403,
        expect.stringContaining("This form cannot be taken"),
      ]);
    }
    expect(await mailsTo("reset_password", email)).toBe(before);
    const crossSite = { "Sec-Fetch-Site": "cross-site" };
    expect((await api.post("/auth/password/forgot", { body: { email }, headers: crossSite })).status).toBe(202);
    const webApp = { "Sec-Fetch-Site": "cross-site", Origin: "https://app.example.com" };
    withSettings(service, { ALLOWED_ORIGINS: "https://app.example.com" });
    expect((await press("/auth/password/forgot", { email }, webApp)).status).toBe(202);
    withSettings(service, {});
    for (const site of ["same-origin", "same-site", "none"])
      expect((await press("/auth/password/forgot", { email }, { "Sec-Fetch-Site": site })).status).toBe(202);
    expect(await mailsTo("reset_password", email)).toBe(before + 5);
  });

  test("programs get the envelope from the same addresses", async () => {
    expectDead(await api.get(`/auth/email/verify?token=${dead}`));
    expectDead(await verify({ token: dead }));
    expectDead(await reset(dead, another));
  });

  test.each([
    ["de-AT,de;q=0.9", "de", "E-Mail-Adresse bestätigen"],
    ["fr", "fr", "Confirmez votre adresse e-mail"],
    ["es-MX", "es", "Confirme su dirección de correo"],
    ["zh-TW", "zh-Hant", "確認您的電子郵件地址"],
    ["tlh", "en", "Confirm your email address"],
  ])("speak the language of the browser: %s", async (accepted, lang, title) => {
    const { verifyToken, resetToken } = await links();
    const headers = { "Accept-Language": accepted };
    const page = textOf(await open(`/auth/email/verify?token=${verifyToken}`, headers));
    expect(page).toContain(`<html lang="${lang}">`);
    expect(page).toContain(`<h1>${title}</h1>`);
    for (const answer of [
      await open(`/auth/password/reset?token=${resetToken}`, headers),
      await press("/auth/password/reset", { token: resetToken, password: "short" }, headers),
      await press("/auth/email/verify", { token: verifyToken }, headers),
      await press("/auth/email/verify", { token: dead }, headers),
      await press("/auth/email/resend", { email: "x" }, headers),
    ])
      expect(textOf(answer)).toContain(`<html lang="${lang}">`);
  });

  test("show an address as text, whatever is in it", async () => {
    const email = `o'brien&co${Math.random()}@example.com`;
    await register(email);
    const { token } = await mailed("verify_email", email);
    const page = textOf(await open(`/auth/email/verify?token=${token}`));
    expect(page).toContain(email.replace("'", "&#39;").replace("&co", "&amp;co"));
  });

  test.each([
    ["a repeated field", "token=a&token=b", 422, "A link works once"],
    ["an unknown field", "token=a&admin=true", 422, "It did not arrive as this page sends it"],
    ["bytes that are no UTF-8", "token=%FF", 400, "A link works once"],
    ["nothing", "", 422, "A link works once"],
    ["a megabyte", `token=${"x".repeat(1_000_000)}`, 413, "enter something shorter"],
  ])("a form with %s is answered with a page that says what helps", async (_what, form, status, text) => {
    for (const path of ["/auth/email/verify", "/auth/email/confirm", "/auth/email/undo"]) {
      const answer = await api.post(path, { form, headers: browser });
      expect([answer.status, textOf(answer)], path).toEqual([status, expect.stringContaining(text)]);
    }
  });

  test("a form in a charset that is not taken is told to be sent by the page", async () => {
    const headers = { ...browser, "Content-Type": "application/x-www-form-urlencoded; charset=utf-16" };
    for (const path of ["/auth/email/verify", "/auth/password/forgot"]) {
      const answer = await api.post(path, { body: "token=a", headers });
      expect([answer.status, textOf(answer)]).toEqual([415, expect.stringContaining("This form cannot be taken")]);
    }
  });

  test("a form in another charset, and other content types, are 415", async () => {
    for (const type of ["application/x-www-form-urlencoded; charset=utf-16", "text/plain", "multipart/form-data"]) {
      const answer = await api.post("/auth/email/verify", { body: "token=a", headers: { "Content-Type": type } });
      expect(answer.status).toBe(415);
    }
  });

  test("no token, code or password is in a log", async () => {
    const { email, verifyToken, resetToken } = await links();
    await open(`/auth/email/verify?token=${verifyToken}`);
    await press("/auth/password/reset", { token: resetToken, password: "short secret" });
    await press("/auth/password/reset", { token: resetToken, password: another });
    await press("/auth/password/reset", { token: resetToken, password: another });
    await verify({ token: `${verifyToken}x` });
    const lines = logLines.join("\n");
    for (const secret of [verifyToken, resetToken, "short secret", another, email]) expect(lines).not.toContain(secret);
  });
});
