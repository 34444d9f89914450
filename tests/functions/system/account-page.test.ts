import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { startService, withSettings } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const service = await startService();
const { api } = service;

const production = {
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  SECRET_KEY: "Zk3vQ9xT1mWc7LpR5sYd8NhJ2bGf6AqE",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  ARGON2_MEMORY_KIB: "19456",
  ARGON2_ITERATIONS: "2",
  DB_SERVER: "127.0.0.1",
  DB_DATABASE: "latchkey",
  DB_USERNAME: "latchkey",
  DB_PASSWORD: "latchkey",
  MAIL_PROVIDER: "smtp",
  MAIL_FROM: "accounts@example.com",
  SMTP_HOST: "smtp.example.com",
};

describe("GET /account", () => {
  test("is one page with its own script and style, which alone may run, by a nonce that is new each time", async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { status, headers, json } = await api.get("/account");
      expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const policy = headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'nonce-([\w-]{43})'/.exec(policy)?.[1] ?? "";
      nonces.add(nonce);
      expect(policy).not.toMatch(/unsafe|\*|https:/);
      expect(policy).toContain("frame-ancestors 'none'");
      const tags = [...String(json).matchAll(/<(?:script|style)[^>]*>/g)].map(([tag]) => tag);
      expect(tags).toEqual([`<style nonce="${nonce}">`, `<script type="module" nonce="${nonce}">`]);
      expect(String(json)).not.toMatch(/\{\{|(?:src|href)="(?!data:,)|maxlength/i);
    }
    expect(nonces.size).toBe(3);
  });

  test.each(["/account", "/test-login"])(
    "%s admits the provider of captchas from elsewhere where there is one, and no other",
    async (path) => {
      const policy = async (settings: Record<string, string>) => {
        withSettings(service, settings);
        const text = (await api.get(path)).headers.get("content-security-policy") ?? "";
        return text.replaceAll(/'nonce-[\w-]+'/g, "'nonce'").split("; ");
      };
      const captcha = { CAPTCHA_SITE_KEY: "site-key", CAPTCHA_SECRET: "secret" };
      const none = await policy({});
      const byTurnstile = await policy({ ...captcha, CAPTCHA_PROVIDER: "turnstile" });
      expect(byTurnstile).toEqual([...none, "frame-src https://challenges.cloudflare.com"]);
      const byHcaptcha = await policy({ ...captcha, CAPTCHA_PROVIDER: "hcaptcha" });
      const theirs = "https://hcaptcha.com https://*.hcaptcha.com";
      expect(byHcaptcha).toEqual([
        ...none.map((part) => (/^(?:script|connect|style)-src/.test(part) ? `${part} ${theirs}` : part)),
        `frame-src ${theirs}`,
      ]);
    },
  );

  test("knows the rule for passwords, the language and the product's name, which is never markup", async () => {
    withSettings(service, {
      PASSWORD_MIN_LENGTH: "20",
      DEFAULT_LOCALE: "zh-Hant",
      ACCOUNT_DELETION_GRACE_DAYS: "3",
      PRODUCT_NAME: `A "$&" <b>product</b>`,
    });
    const text = String((await api.get("/account")).json);
    expect(text).toContain('<meta name="password-min-length" content="20" />');
    expect(text).toContain('<meta name="deletion-grace-seconds" content="259200" />');
    expect(text).toContain('<meta name="default-locale" content="zh-Hant" />');
    expect(text).toContain('<meta name="product-name" content="A &quot;$&amp;&quot; &lt;b&gt;product&lt;/b&gt;" />');
  });

  test.each([
    ["in development", {}, 200],
    ["in development with ACCOUNT_PAGE=off", { ACCOUNT_PAGE: "off" }, 404],
    ["in production", production, 404],
    ["in production with ACCOUNT_PAGE=on", { ...production, ACCOUNT_PAGE: "on" }, 200],
  ])("%s: %o, %i, and the root page agrees", async (_, settings, expected) => {
    withSettings(service, settings);
    const { status, json } = await api.get("/account");
    expect([status, json.error_code]).toEqual([expected, expected === 404 ? "NOT_FOUND" : undefined]);
    const links: Record<string, string> = (await api.get("/")).json.data.links;
    expect("account-page" in links).toBe(expected === 200);
    const page = await api.get("/", { headers: { Accept: "text/html" } });
    expect(String(page.json).includes("Account page")).toBe(expected === 200);
  });

  test("a social login may come back to it where it is offered, and only there", () => {
    const targets = (settings: Record<string, string>) =>
      loadConfig({ ...testSettings, ...settings }).social.redirectAllowlist;
    expect(targets({})).toContain("http://localhost:7071/account");
    expect(targets({ ACCOUNT_PAGE: "off" })).not.toContain("http://localhost:7071/account");
    expect(targets(production)).not.toContain("https://auth.example.com/account");
    expect(targets({ ...production, ACCOUNT_PAGE: "on", REDIRECT_ALLOWLIST: "https://app.example.com/" })).toContain(
      "https://auth.example.com/account",
    );
  });
});
