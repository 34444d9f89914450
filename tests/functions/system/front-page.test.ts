import { describe, expect, test } from "vitest";
import { frontPage } from "../../../shared/api/front-page.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api } = service;

const get = (accept: string) => api.get("/", { headers: { Accept: accept } });

const browsers = [
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
];

describe("GET / and what the Accept header asks for (RFC 9110, section 12.5.1)", () => {
  test.each([
    ...browsers,
    "text/html",
    "TEXT/HTML",
    "text/*",
    "text/html; charset=UTF-8",
    "text/html;q=0.2, application/json;q=0.1",
    "application/json;q=0.5, text/html;q=0.6",
    "text/html, application/json;q=0",
    "*/*;q=0.1, text/html;q=0.2",
    "application/*;q=0.5, text/html",
  ])("%s gets the page", async (accept) => {
    const answer = await get(accept);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.headers.get("vary")).toBe("Origin, Accept");
  });

  test.each([
    "*/*",
    "",
    "application/json",
    "application/json, text/html",
    "text/html, */*",
    "text/html;q=0, */*",
    "text/html;q=0.5, application/json;q=0.6",
    "text/html;q=0.5, */*",
    "text/*;q=0.5, application/*;q=0.6",
    "text/html;level=1",
    "text/html; charset=utf-16",
    "text/html;q=2",
    "text/html;q=often",
    "text/htmlx, text/ht",
    "image/png",
    "application/problem+json",
  ])("%s gets JSON", async (accept) => {
    const answer = await get(accept);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(answer.json).toMatchObject({ success: true, data: { name: "Latchkey" } });
    expect(answer.headers.get("vary")).toBe("Origin, Accept");
  });

  test("without the header gets JSON", async () => {
    const answer = await api.get("/");
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("a HEAD has the headers of the page, and no body", async () => {
    const answer = await api.send("HEAD", "/", { headers: { Accept: "text/html" } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.headers.get("vary")).toBe("Origin, Accept");
  });
});

describe("the page at GET /", () => {
  const page = async () => String((await get("text/html")).json);
  const links = (html: string) => [...html.matchAll(/ href="(http[^"]*)"/g)].map(([, href = ""]) => href);

  test("links to what the JSON lists, but to no script and no style sheet, and every link works", async () => {
    const listed = Object.values<string>((await api.get("/")).json.data.links);
    const found = links(await page());
    expect(found.toSorted()).toEqual(listed.filter((href) => !/\.(?:js|css)$/.test(href)).toSorted());
    for (const href of ["/health", "/docs", "/redoc", "/openapi.json", "/test-login", "/auth/oauth/providers"])
      expect(found).toContain(`http://localhost:7071${href}`);
    expect(found.filter((href) => href.includes("/.well-known/"))).toHaveLength(3);
  });

  test("has a language and a title, and a policy that lets no script run", async () => {
    const answer = await get("text/html");
    const html = String(answer.json);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain("<title>Latchkey authentication service</title>");
    const policy = answer.headers.get("content-security-policy") ?? "";
    const [, nonce] = /style-src 'nonce-([\w-]+)'/.exec(policy) ?? [];
    expect(policy).toMatch(/^default-src 'none'; style-src /);
    expect(policy).not.toContain("script-src");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(html).toContain(`<style nonce="${nonce}">`);
    expect(html).not.toContain("<script");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await page()).not.toContain(String(nonce));
  });

  test("leaves out what the settings do not offer, and shows the address that callers use", async () => {
    withSettings(service, { API_DOCS: "off", ISSUER: "https://gateway.example.com/sign-in" });
    const html = await page();
    withSettings(service, {});
    expect(html).not.toMatch(/\/docs|\/redoc|openapi/);
    expect(links(html)).toContain("https://gateway.example.com/sign-in/health");
  });

  test("escapes what it is given, and leaves a group without links out", () => {
    const odd = [{ text: 'a"<b>&', href: 'https://a.example/"><script>', path: "/<i>" }];
    const groups = [
      { title: "<Group>", links: odd },
      { title: "Nothing", links: [] },
    ];
    const { html } = frontPage({ name: "<Name>", version: "1<2", groups });
    expect(html).toContain('<a href="https://a.example/&quot;&gt;&lt;script&gt;">a&quot;&lt;b&gt;&amp;</a>');
    expect(html).toContain("<code>/&lt;i&gt;</code>");
    expect(html).toContain("<h2>&lt;Group&gt;</h2>");
    expect(html).toContain("version 1&lt;2");
    expect(html).not.toMatch(/Nothing|<script|<Name/);
  });
});
