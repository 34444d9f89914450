import { describe, expect, test } from "vitest";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api } = service;

describe("GET /test-login", () => {
  test("is one page with its own script and style, which alone may run, by a nonce that is new each time", async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { status, headers, json } = await api.get("/test-login");
      expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const policy = headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'nonce-([\w-]{43})'/.exec(policy)?.[1] ?? "";
      nonces.add(nonce);
      expect(policy).not.toMatch(/unsafe|\*|https:/);
      const tags = [...String(json).matchAll(/<(?:script|style)[^>]*>/g)].map(([tag]) => tag);
      expect(tags).toEqual([`<style nonce="${nonce}">`, `<script type="module" nonce="${nonce}">`]);
      expect(String(json)).not.toMatch(/\{\{|(?:src|href)="(?!data:,)/);
    }
    expect(nonces.size).toBe(3);
  });

  test("knows the rule for passwords from the settings", async () => {
    withSettings(service, { PASSWORD_MIN_LENGTH: "20" });
    expect(String((await api.get("/test-login")).json)).toContain('<meta name="password-min-length" content="20" />');
  });

  test("knows where mail is shown, unless it is sent", async () => {
    const mailbox = async () =>
      /<meta name="mailbox" content="([^"]*)"/.exec(String((await api.get("/test-login")).json));
    withSettings(service, {});
    expect((await mailbox())?.[1]).toBe("/dev/mailbox");
    withSettings(service, { MAIL_PROVIDER: "smtp", SMTP_HOST: "localhost", MAIL_FROM: "noreply@example.com" });
    expect((await mailbox())?.[1]).toBe("");
    withSettings(service, {});
  });

  test("is there in development alone: in production it is answered 404, and named by nobody", async () => {
    expect((await api.get("/")).json.data.links).toHaveProperty("test-login");
    withSettings(service, {
      ENVIRONMENT: "production",
      RATE_LIMITS: "on",
      MAIL_PROVIDER: "smtp",
      SMTP_HOST: "mail.example.com",
      MAIL_FROM: "noreply@example.com",
      SECRET_KEY: "Zk3vQ9xT1mWc7LpR5sYd8NhJ2bGf6AqE",
      ISSUER: "https://auth.example.com",
      FRONTEND_URL: "https://app.example.com",
      ARGON2_MEMORY_KIB: "19456",
      ARGON2_ITERATIONS: "2",
      API_DOCS: "on",
      DB_SERVER: "127.0.0.1",
      DB_DATABASE: "latchkey",
      DB_USERNAME: "latchkey",
      DB_PASSWORD: "latchkey",
    });
    const { status, json } = await api.get("/test-login");
    expect([status, json.error_code]).toEqual([404, "NOT_FOUND"]);
    const { links } = (await api.get("/")).json.data;
    expect(links).toHaveProperty("docs");
    expect(links).not.toHaveProperty("test-login");
  });
});
