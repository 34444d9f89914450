import { describe, expect, test } from "vitest";
import { issuerSettings, startSocialService } from "../../support/social.ts";
import { withSettings } from "../../support/service.ts";

const app = "https://app.example.com";
const list = [`${app}/`, `${app}/#/welcome`, `${app}/page?a=1&b=%22%3Cx%3E%27`, "com.example.app:/done"];
const settings = { FRONTEND_URL: app, REDIRECT_ALLOWLIST: list.join() };
const service = await startSocialService(settings);
const { api, issuer, logLines } = service;

const unasked = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };

function visit(headers: Record<string, string>, query: Record<string, string> | string = "") {
  const text = new URLSearchParams(query).toString();
  return api.get(`/auth/oauth/acme/authorize${text === "" ? "" : `?${text}`}`, { headers });
}

/** Where the button of a page leads, from the page's own URL. */
function buttonOf(html: string, at: string): URL {
  const hrefs = [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = ""]) => href);
  expect(hrefs).toHaveLength(1);
  return new URL((hrefs[0] ?? "").replaceAll("&amp;", "&").replaceAll("&#39;", "'"), `http://service.example${at}`);
}

describe("15.9 authorize, to which a page of another site sends the browser", () => {
  test("without a click: a page with a button, and nothing has begun", async () => {
    issuer.asked.length = 0;
    const answer = await visit(unasked, { redirect_to: `${app}/welcome` });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect([answer.setCookies, answer.headers.has("location")]).toEqual([[], false]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(issuer.asked).toEqual([]);
    const html = String(answer.json);
    expect(html).toContain("Sign in with Acme?");
    expect(html).toContain("<strong>app.example.com</strong>");
    const button = buttonOf(html, "/auth/oauth/acme/authorize?redirect_to=x");
    expect(button.pathname).toBe("/auth/oauth/acme/authorize");
    expect([...button.searchParams]).toEqual([["redirect_to", `${app}/welcome`]]);
    const pressed = await api.get(button.pathname + button.search, {
      headers: { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1", "Sec-Fetch-Dest": "document" },
    });
    expect([pressed.status, pressed.setCookies.length]).toEqual([302, 1]);
    expect(pressed.headers.get("location")).toContain(`${issuer.url}/authorize`);
  });

  test("the page runs no script, asks nobody for anything, and cannot be framed", async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { headers, json } = await visit(unasked);
      const policy = headers.get("content-security-policy") ?? "";
      const [, nonce = ""] = /style-src 'nonce-([\w-]{43})'/.exec(policy) ?? [];
      nonces.add(nonce);
      const rest = "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
      expect(policy).toBe(`default-src 'none'; style-src 'nonce-${nonce}'; ${rest}`);
      expect([...String(json).matchAll(/<(?:script|style|img|iframe|form|link)[^>]*>/g)].map(([tag]) => tag)).toEqual([
        '<link rel="icon" href="data:,">',
        `<style nonce="${nonce}">`,
      ]);
    }
    expect(nonces.size).toBe(3);
  });

  test.each<[what: string, headers: Record<string, string>, status: number]>([
    ["a click", { ...unasked, "Sec-Fetch-User": "?1" }, 302],
    [
      "a click, of a browser that does not say what for",
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1" },
      302,
    ],
    ["no click, of such a browser", { "Sec-Fetch-Site": "cross-site" }, 200],
    ["a click that was none", { ...unasked, "Sec-Fetch-User": "?0" }, 200],
    ["a click into a frame", { ...unasked, "Sec-Fetch-User": "?1", "Sec-Fetch-Dest": "iframe" }, 200],
    ["a picture", { ...unasked, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" }, 200],
    ["a script's request", { ...unasked, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty" }, 200],
    ["the application's own site", { ...unasked, "Sec-Fetch-Site": "same-site" }, 302],
    ["this origin", { ...unasked, "Sec-Fetch-Site": "same-origin" }, 302],
    ["the address bar, a bookmark, another app", { ...unasked, "Sec-Fetch-Site": "none" }, 302],
    ["a browser without these headers", {}, 302],
  ])("by %s", async (_what, headers, status) => {
    const answer = await visit(headers);
    expect([answer.status, answer.setCookies.length]).toEqual([status, status === 302 ? 1 : 0]);
  });

  test.each(list)("the button keeps %s, which reaches no markup unescaped", async (target) => {
    const html = String((await visit(unasked, { redirect_to: target })).json);
    expect(buttonOf(html, "/auth/oauth/acme/authorize").searchParams.get("redirect_to")).toBe(target);
    expect(html).not.toMatch(/<x|b='|"<|javascript:/);
  });

  test("an application with a scheme of its own is named by that", async () => {
    const { json } = await visit(unasked, { redirect_to: "com.example.app:/done" });
    expect(String(json)).toContain("<strong>com.example.app</strong>");
  });

  test("without redirect_to the button has none either, and it is the front end that is named", async () => {
    const html = String((await visit(unasked)).json);
    expect([...buttonOf(html, "/auth/oauth/acme/authorize").searchParams]).toEqual([]);
    expect(html).toContain("<strong>app.example.com</strong>");
  });

  test("what else stands in the query is not shown", async () => {
    const html = String((await visit(unasked, `x=<script>alert(1)</script>&"><img src=x>=y`)).json);
    expect(html).not.toMatch(/alert|<img|src=x/);
  });

  test("what is refused is refused as ever: no page for it", async () => {
    logLines.length = 0;
    for (const target of ["https://evil.example/", "javascript:alert(1)", `${app}.evil.example/`, "", '"><script>'])
      expect((await visit(unasked, { redirect_to: target })).status).toBe(422);
    const answer = await api.get("/auth/oauth/%22%3E%3Cscript%3E/authorize", { headers: unasked });
    expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
  });

  test("a provider that is away is not missed before the button is pressed", async () => {
    withSettings(service, {
      ...settings,
      ...issuerSettings("OIDC_ACME", issuer),
      OIDC_ACME_ISSUER: "http://127.0.0.1:9",
    });
    expect((await visit(unasked)).status).toBe(200);
    const pressed = await visit({ "Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1" });
    expect(pressed.headers.get("location")).toBe(`${app}/?error=PROVIDER_UNAVAILABLE#`);
  });
});
