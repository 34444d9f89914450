import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { productionMail, testSettings } from "../../support/settings.ts";

const production = {
  ...testSettings,
  SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  ...productionMail,
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  DB_SERVER: "a.database.windows.net",
  DB_DATABASE: "latchkey",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};

describe("15.15 the origins of apps in a WebView", () => {
  const apps = [
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "app://.",
    "app://obsidian.md",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0b6d4f6e-6f3c-4b8f-9a44-1c3c5f3c9d7e",
    "safari-web-extension://4F0C1A52-3B6D-4E0F-8A55-0A1B2C3D4E5F",
    "vscode-webview://1fe3q0cf5lq2c8k5g0bq",
    "com.example.app://localhost:8080",
    "com.example.app://localhost:65535",
    // Tauri on Windows and Android, Capacitor on Android with `androidScheme: "http"`.
    "http://tauri.localhost",
    "http://localhost",
    "http://localhost:8080",
    "http://a.b.localhost",
    "http+unix.2://a",
  ];

  test("can be listed, in production too, and are kept as they are sent", () => {
    const settings = { ...production, ALLOWED_ORIGINS: apps.join(", ") };
    const { allowedOrigins } = loadConfig(settings).http;
    expect(apps.filter((origin) => !allowedOrigins.has(origin))).toEqual([]);
    expect(allowedOrigins.has("null")).toBe(false);
  });

  test.each([
    ["null", "must be origins such as"],
    ["NULL", "must be origins such as"],
    ["*", "must name each origin"],
    ["capacitor://*", "must have no wildcard"],
    ["*://localhost", "must have no wildcard"],
    ["capacitor://localhost/", "must be origins such as"],
    ["capacitor://localhost/index.html", "must be origins such as"],
    ["capacitor://", "must be origins such as"],
    ["capacitor:localhost", "must be origins such as"],
    ["CAPACITOR://localhost", "must be origins such as"],
    ["capacitor://local host", "must be origins such as"],
    ["capacitor://user@localhost", "must be origins such as"],
    ["capacitor://localhost?x", "must be origins such as"],
    ["capacitor://localhost#x", "must be origins such as"],
    ["capacitor://localhost:0", "must be origins such as"],
    ["capacitor://localhost%00", "must be origins such as"],
    ["tauri://localhost:65536", "must be origins such as"],
    ["tauri://localhost:99999", "must be origins such as"],
    ["mailto://a", "must be origins such as"],
    ["tel://1", "must be origins such as"],
    ["intent://a", "must be origins such as"],
    ["view-source://a", "must be origins such as"],
    ["1app://localhost", "must be origins such as"],
    ["://localhost", "must be origins such as"],
    ["localhost", "must be origins such as"],
    ["file://", "must be origins such as"],
    ["file://localhost", "must be origins such as"],
    ["data://a", "must be origins such as"],
    ["blob://a", "must be origins such as"],
    ["javascript://a", "must be origins such as"],
    ["about://blank", "must be origins such as"],
    ["ws://localhost", "must be origins such as"],
    ["wss://app.example.com", "must be origins such as"],
    ["ftp://app.example.com", "must be origins such as"],
    ["https://app.example.com/", "must be origins such as"],
    ["https://APP.example.com", "must be origins such as"],
    ["https://app.example.com:443", "must be origins such as"],
    ["https:app.example.com", "must be origins such as"],
  ])("%s cannot", (origin, rule) => {
    expect(() => loadConfig({ ...testSettings, ALLOWED_ORIGINS: `https://a.example,${origin}` })).toThrow(
      `ALLOWED_ORIGINS ${rule}`,
    );
  });

  test.each([
    "http://app.example.com",
    "http://notlocalhost",
    "http://localhost.example",
    "http://127.0.0.1",
    "http://[::1]",
  ])("%s cannot in production: its pages come over the network, or it is no WebView's", (origin) => {
    expect(() => loadConfig({ ...production, ALLOWED_ORIGINS: `http://localhost,${origin}` })).toThrow(
      "ALLOWED_ORIGINS must be https origins in production",
    );
  });

  test("http://*.localhost cannot: each is named", () => {
    expect(() => loadConfig({ ...production, ALLOWED_ORIGINS: "http://*.localhost" })).toThrow("must have no wildcard");
  });
});
