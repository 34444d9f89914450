import { describe, expect, test } from "vitest";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api } = service;

describe("GET /docs", () => {
  test("is a page whose policy lets its own scripts run and nothing else, by a nonce that is new each time", async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { status, headers, json } = await api.get("/docs");
      expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const policy = headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'nonce-([\w-]{43})'/.exec(policy)?.[1] ?? "";
      nonces.add(nonce);
      expect(policy).not.toMatch(/unsafe|\*|https:(?!\/\/)/);
      expect(policy).toContain("connect-src 'self' http://localhost:7071;");
      const tags = [...String(json).matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g)].map(([tag]) => tag);
      expect(tags).toHaveLength(3);
      for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`);
      expect(String(json)).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
    expect(nonces.size).toBe(3);
  });

  test.each([
    ["/docs/swagger-ui.css", "text/css"],
    ["/docs/swagger-ui-bundle.js", "text/javascript"],
    ["/redoc/redoc.standalone.js", "text/javascript"],
  ])("%s comes from the package, and caches may keep it", async (path, type) => {
    const { status, headers, json } = await api.get(path);
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
      200,
      type,
      "public, max-age=3600",
    ]);
    expect(String(json).length).toBeGreaterThan(100_000);
    const again = await api.get(path, { headers: { "If-None-Match": headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
  });

  test("behind a gateway it finds its files below the gateway's path", async () => {
    withSettings(service, { ISSUER: "https://api.example.com/identity" });
    const { headers, json } = await api.get("/docs");
    expect(String(json)).toContain('href="/identity/docs/swagger-ui.css"');
    expect(String(json)).toContain('url: "/identity/openapi.json"');
    expect(headers.get("content-security-policy")).toContain("connect-src 'self' https://api.example.com;");
  });

  test("with API_DOCS=off, there is none of it, and the root page names none", async () => {
    withSettings(service, { API_DOCS: "off" });
    const { links } = (await api.get("/")).json.data;
    expect(Object.keys(links).filter((name) => /docs|openapi$/.test(name))).toEqual([]);
    expect(links).toHaveProperty("well-known-openid-configuration");
    const files = ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/redoc/redoc.standalone.js"];
    for (const path of ["/docs", "/redoc", ...files]) {
      const { status, json } = await api.get(path);
      expect([status, json.error_code]).toEqual([404, "NOT_FOUND"]);
    }
  });
});

describe("GET /redoc", () => {
  test("is a page whose scripts bear a nonce; styles alone may be without", async () => {
    const { status, headers, json } = await api.get("/redoc");
    const policy = headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'nonce-([\w-]{43})';/.exec(policy)?.[1] ?? "";
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(policy).toContain("style-src 'unsafe-inline';");
    expect(policy.replace("style-src 'unsafe-inline'", "")).not.toMatch(/unsafe|\*/);
    const scripts = [...String(json).matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
    expect(scripts.filter((tag) => tag.includes(`nonce="${nonce}"`))).toHaveLength(2);
  });

  test("its script asks nobody for a logo", async () => {
    expect(String((await api.get("/redoc/redoc.standalone.js")).json)).not.toContain("cdn.redoc");
  });
});
