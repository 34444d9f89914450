import { beforeEach, describe, expect, test } from "vitest";
import type { ApiAnswer } from "../../support/api.ts";
import { latestMail } from "../../support/mails.ts";
import { newDevice, password, signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();
const browser = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const open = (path: string, headers = {}) => api.get(path, { headers: { ...browser, ...headers } });
const press = (path: string, form: Record<string, string>, headers = {}) =>
  api.post(path, { form, headers: { ...browser, Origin: "null", ...headers } });
const textOf = ({ json }: ApiAnswer) => String(json);
const dead = "A".repeat(43);

let count = 0;

/** Somebody who wants another address. */
async function moving() {
  const device = await newDevice(api);
  const email = `o'brien&co${(count += 1)}@example.com`;
  const { accessToken: bearer, cookie } = device;
  await api.post("/auth/email/change", { bearer, cookie, body: { email } });
  return { device, email, token: (await latestMail(services, "confirm_email", email)).data.token };
}

/** Somebody who has got it. */
async function moved() {
  const person = await moving();
  expect((await press("/auth/email/confirm", { token: person.token })).status).toBe(200);
  const { token } = (await latestMail(services, "email_changed", person.device.email)).data;
  return { ...person, token };
}

beforeEach(() => clock.advance(3600));

describe("the pages behind the links of a changed address", () => {
  test("change nothing, however they are opened; the button does", async () => {
    const { device, email, token } = await moving();
    const confirmation = `/auth/email/confirm?token=${token}`;
    for (const method of ["HEAD", "GET", "GET", "HEAD", "GET"])
      expect((await api.send(method, confirmation, { headers: browser })).status).toBe(200);
    await signIn(api, device.email);
    const done = await press("/auth/email/confirm", { token });
    expect([done.status, textOf(done)]).toEqual([200, expect.stringContaining("Your address is changed")]);
    const { token: back } = (await latestMail(services, "email_changed", device.email)).data;
    for (const method of ["HEAD", "GET", "GET"])
      expect((await api.send(method, `/auth/email/undo?token=${back}`, { headers: browser })).status).toBe(200);
    await signIn(api, email);
  });

  test("are without script, post to this service only, and show an address as text", async () => {
    const [change, undo] = [await moving(), await moved()];
    const pages = [
      ["confirm", change.token, change.email],
      ["undo", undo.token, undo.device.email],
    ] as const;
    for (const [name, token, email] of pages) {
      const answer = await open(`/auth/email/${name}?token=${token}`);
      expect(answer.headers.get("content-security-policy")).toContain("form-action 'self'");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(textOf(answer)).not.toMatch(/<script|\son\w+=|<a |http/i);
      expect(textOf(answer)).toContain(`<form method="post" action="${name}">`);
      expect(textOf(answer)).toContain(email.replace("'", "&#39;").replace("&co", "&amp;co"));
    }
  });

  test("after an undo ask for a new password, whose form posts to the reset", async () => {
    const { device, token } = await moved();
    const next = await press("/auth/email/undo", { token });
    expect([next.status, textOf(next)]).toEqual([200, expect.stringContaining("Choose a new password")]);
    const [, action = ""] = /<form method="post" action="([^"]+)">/.exec(textOf(next)) ?? [];
    const [, resetToken = ""] = /name="token" value="([^"]+)"/.exec(textOf(next)) ?? [];
    const { pathname } = new URL(action, "http://localhost/auth/email/undo");
    expect(pathname).toBe("/auth/password/reset");
    expect((await press(pathname, { token: resetToken, password })).status).toBe(200);
    await signIn(api, device.email);
  });

  test("say kindly that a link is dead, and where to get another", async () => {
    const change = [
      await open(`/auth/email/confirm?token=${dead}`),
      await open("/auth/email/confirm"),
      await open(`/auth/email/confirm?token=${dead}&token=${dead}`),
      await press("/auth/email/confirm", { token: dead }),
    ];
    for (const answer of change)
      expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining("change your address again")]);
    for (const answer of [
      await open(`/auth/email/undo?token=${dead}`),
      await press("/auth/email/undo", { token: dead }),
    ])
      expect([answer.status, textOf(answer)]).toEqual([
        400,
        expect.stringContaining('<form method="post" action="../password/forgot">'),
      ]);
  });

  test("say that another account has the address", async () => {
    const { email, token } = await moving();
    expect((await api.post("/auth/register", { body: { email, username: "First", password } })).status).toBe(201);
    const { token: proof } = (await latestMail(services, "verify_email", email)).data;
    expect((await api.post("/auth/email/verify", { body: { token: proof } })).status).toBe(200);
    const answer = await press("/auth/email/confirm", { token });
    expect([answer.status, textOf(answer)]).toEqual([409, expect.stringContaining("Another account has this address")]);
  });

  test("programs get the envelope", async () => {
    const answer = await api.get(`/auth/email/undo?token=${dead}`);
    expect([answer.status, answer.json.error_code]).toEqual([400, "TOKEN_INVALID_OR_EXPIRED"]);
  });

  test.each([
    ["de", "Neue E-Mail-Adresse bestätigen", "Änderung Ihrer Adresse rückgängig machen"],
    ["fr", "Confirmez votre nouvelle adresse e-mail", "Annulez le changement de votre adresse"],
    ["es", "Confirme su nueva dirección de correo", "Deshaga el cambio de su dirección"],
    ["zh-Hant", "確認您的新電子郵件地址", "復原您的地址變更"],
  ])("speak %s", async (language, change, undo) => {
    const headers = { "Accept-Language": language };
    const [moves, has] = [await moving(), await moved()];
    const pages = [
      [await open(`/auth/email/confirm?token=${moves.token}`, headers), `<h1>${change}</h1>`],
      [await open(`/auth/email/undo?token=${has.token}`, headers), `<h1>${undo}</h1>`],
      [await press("/auth/email/confirm", { token: moves.token }, headers), ""],
      [await press("/auth/email/undo", { token: has.token }, headers), ""],
      [await press("/auth/email/undo", { token: dead }, headers), ""],
      [await press("/auth/email/confirm", { token: dead }, headers), ""],
    ] as const;
    for (const [answer, title] of pages) {
      expect(textOf(answer)).toContain(`<html lang="${language}">`);
      expect(textOf(answer)).toContain(title);
    }
  });
});
