import { expect } from "vitest";
import type { CatalogueEntry } from "../../shared/http/catalogue.ts";

/** Pages whose styles others write: Redoc, and the mails of the mailbox that only development has. */
const styledByOthers = new Set(["redoc", "dev-mailbox"]);

/** Pages that show a captcha; hCaptcha's documentation names the hosts of its scripts and styles, Turnstile needs none. */
const captchaPages = new Set(["account-page", "test-login"]);
const hcaptchaHosts = " https://hcaptcha.com https://*.hcaptcha.com";

/** An answer's head, and the endpoint that it came from; undefined for what no endpoint is. */
export interface Head {
  readonly endpoint: CatalogueEntry | undefined;
  readonly status: number;
  readonly headers: Headers;
}

/** Holds an answer against the headers that all have, whatever endpoint and outcome (ASVS 3.4, 14.3.2). */
export function expectSecurityHeaders({ endpoint, status, headers }: Head): void {
  const isOpen = headers.get("access-control-allow-origin") === "*";
  const isKept = isOpen && (status === 200 || status === 304);
  expect(headers.get("cache-control")).toMatch(isKept ? /^public, max-age=\d+$/ : /^no-store$/);
  expect(headers.get("cross-origin-opener-policy")).toBe(headers.has("location") ? "unsafe-none" : "same-origin");
  expect(headers.get("cross-origin-resource-policy")).toBe(isOpen ? "cross-origin" : "same-origin");
  const permissions = headers.get("permissions-policy") ?? "";
  expect(permissions).toMatch(/^(?:[a-z-]+=\((?:self)?\)(?:, |$))+$/);
  expect(permissions.split(", ").filter((one) => !one.endsWith("=()"))).toEqual([
    "publickey-credentials-create=(self)",
    "publickey-credentials-get=(self)",
  ]);
  expect(permissions).toMatch(/camera=\(\).*microphone=\(\)/);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expectContentPolicy(headers, endpoint);
}

function expectContentPolicy(headers: Headers, endpoint: CatalogueEntry | undefined): void {
  const told = headers.get("content-security-policy") ?? "";
  const policy = captchaPages.has(endpoint?.name ?? "") ? told.replaceAll(hcaptchaHosts, "") : told;
  const directives = new Map(policy.split("; ").map((one) => [one.split(" ")[0], one]));
  expect(directives.get("default-src")).toBe("default-src 'none'");
  expect(directives.get("frame-ancestors")).toBe("frame-ancestors 'none'");
  if (!headers.get("content-type")?.startsWith("text/html")) return;
  expect(directives.get("base-uri")).toBe("base-uri 'none'");
  expect(directives.get("form-action")).toMatch(/^form-action '(?:none|self)'$/);
  expect(directives.get("script-src") ?? "").toMatch(/^(?:|script-src 'nonce-[\w-]{43}')$/);
  expect(directives.get("style-src")).toMatch(
    styledByOthers.has(endpoint?.name ?? "") ? /^style-src 'unsafe-inline'$/ : /^style-src 'nonce-[\w-]+'$/,
  );
}
