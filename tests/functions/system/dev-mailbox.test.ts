import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { outgoingMail, type SampleOptions } from "../../support/sample-mails.ts";
import { startService, withSettings } from "../../support/service.ts";
import type { MailTemplate, OutgoingMail } from "../../../shared/mail/message.ts";

const service = await startService();
const { api, services, clock } = service;

const mail = (template: MailTemplate, options: SampleOptions = {}) =>
  outgoingMail(template, { id: newId(clock.now()), ...options });
const post = (posted: OutgoingMail) =>
  services.transaction(contextOf(services), (tx) => tx.mail.post(posted, clock.now()));
const empty = () => api.send("DELETE", "/dev/mailbox");
const shown = async () =>
  (await api.get("/dev/mailbox", { headers: { Accept: "application/json" } })).json.data.messages;
const page = async () =>
  (await api.get("/dev/mailbox", { headers: { Accept: "text/html" } })).json as unknown as string;

describe("GET /dev/mailbox", () => {
  test("shows what would have been sent, newest first, rendered, with its links", async () => {
    await empty();
    const first = mail("verify_email", { data: { token: "a/b+c", code: "123456" } });
    await post(first);
    clock.advance(1);
    await post(mail("reset_password", { locale: "de", to: "bob@bücher.example" }));
    const [newest, oldest] = await shown();
    expect(Object.keys(oldest)).toEqual(["id", "to", "subject", "text", "html", "locale", "status", "created_at"]);
    expect(newest).toMatchObject({ to: "bob@bücher.example", locale: "de", subject: "Neues Passwort für Latchkey" });
    expect(oldest).toMatchObject({ id: first.id, to: "ada@example.com", status: "waiting", locale: "en" });
    expect(oldest.created_at).toBe("2026-01-15T12:00:00.000Z");
    expect(oldest.text).toContain("http://localhost:7071/auth/email/verify?token=a%2Fb%2Bc");
    expect(oldest.text).toContain("123456");
    expect(oldest.html).toContain('href="http://localhost:7071/auth/email/verify?token=a%2Fb%2Bc"');
  });

  test("is a page without script for a browser, which frames each mail with neither script nor origin", async () => {
    await post(mail("verify_email", { to: `"<script>"@example.com`, data: { username: "<script>alert(1)</script>" } }));
    const { headers } = await api.get("/dev/mailbox", { headers: { Accept: "text/html" } });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src");
    expect(headers.get("cache-control")).toBe("no-store");
    const html = await page();
    expect(html).not.toContain("<script");
    expect(html).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(html).toContain("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;");
    expect(html).toContain("To <b>&quot;&lt;script&gt;&quot;@example.com</b>");
  });

  test("leaves out mails to nobody, and what another SECRET_KEY has sealed", async () => {
    await empty();
    await post({ ...mail("reset_password"), to: null });
    await post(mail("password_changed"));
    expect(await shown()).toHaveLength(1);
    withSettings(service, { SECRET_KEY: "another-key-6f1d0c8e5b7a49d2a3c4e5f60718293a" });
    expect(await shown()).toEqual([]);
    expect(await page()).toContain("There is no mail.");
  });

  test("shows the newest hundred", async () => {
    await empty();
    for (let count = 0; count < 102; count += 1) {
      clock.advance(1);
      await post(mail("password_changed", { to: `number-${count}@example.com` }));
    }
    const messages = await shown();
    expect([messages.length, messages[0].to, messages.at(-1).to]).toEqual([
      100,
      "number-101@example.com",
      "number-2@example.com",
    ]);
  });
});

test("a mail is in the browser's language, and in DEFAULT_LOCALE where that is none of ours", async () => {
  withSettings(service, { DEFAULT_LOCALE: "de" });
  const languages = { "fr-CA, en;q=0.5": "fr", "it, pt;q=0.9": "de", "*": "de", "zh-TW": "zh-Hant" };
  for (const [language, locale] of Object.entries(languages)) {
    clock.advance(1);
    const email = `${locale}-${clock.now().getTime()}@example.com`;
    const body = { email, password: "seven grey herons at dawn", username: "Ada" };
    await api.post("/auth/register", { body, headers: { "Accept-Language": language } });
    expect((await shown())[0], language).toMatchObject({ to: email, locale });
  }
});

describe("DELETE /dev/mailbox", () => {
  test("empties it", async () => {
    await post(mail("password_changed"));
    expect((await empty()).status).toBe(200);
    expect(await shown()).toEqual([]);
  });
});

describe("the mailbox", () => {
  const smtp = { MAIL_PROVIDER: "smtp", SMTP_HOST: "mail.example.com", MAIL_FROM: "noreply@example.com" };
  const production = {
    ...smtp,
    ENVIRONMENT: "production",
    RATE_LIMITS: "on",
    SECRET_KEY: "Zk3vQ9xT1mWc7LpR5sYd8NhJ2bGf6AqE",
    ISSUER: "https://auth.example.com",
    FRONTEND_URL: "https://app.example.com",
    ARGON2_MEMORY_KIB: "",
    ARGON2_ITERATIONS: "",
    DB_SERVER: "127.0.0.1",
    DB_DATABASE: "latchkey",
  };

  test.each([
    ["in production", production],
    ["with another provider", smtp],
  ])("is absent %s", async (_where, settings) => {
    withSettings(service, settings);
    for (const method of ["GET", "DELETE"]) {
      const { status, json } = await api.send(method, "/dev/mailbox");
      expect([status, json.error_code]).toEqual([404, "NOT_FOUND"]);
    }
    expect((await api.get("/")).json.data.links).not.toHaveProperty("dev-mailbox");
  });
});
