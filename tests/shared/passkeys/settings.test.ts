import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const hash = "A".repeat(43);
const passkeys = (settings: Record<string, string>) =>
  loadConfig({
    ...testSettings,
    ISSUER: "https://auth.example.com",
    FRONTEND_URL: "https://app.example.com",
    ...settings,
  }).passkeys;

describe("20.5 where passkeys work", () => {
  test("is the host of ISSUER, at the origins that fit", () => {
    expect(passkeys({})).toEqual({
      rpId: "auth.example.com",
      origins: ["https://auth.example.com"],
      relatedOrigins: [],
    });
  });

  test("is RP_ID, at the origins that may call the service and fit", () => {
    const given = {
      RP_ID: "example.com",
      ALLOWED_ORIGINS: "https://shop.example.com,capacitor://localhost,https://example.org,https://notexample.com",
    };
    expect(passkeys(given)).toEqual({
      rpId: "example.com",
      origins: ["https://auth.example.com", "https://app.example.com", "https://shop.example.com"],
      relatedOrigins: [],
    });
  });

  test("is RP_ORIGINS, those outside RP_ID being related", () => {
    const origins = `https://app.example.com,https://example.org,android:apk-key-hash:${hash}`;
    expect(passkeys({ RP_ID: "example.com", RP_ORIGINS: origins })).toEqual({
      rpId: "example.com",
      origins: origins.split(","),
      relatedOrigins: ["https://example.org"],
    });
  });

  test("is this machine, in development", () => {
    const { rpId, origins } = loadConfig(testSettings).passkeys;
    expect([rpId, origins]).toEqual(["localhost", ["http://localhost:7071", "http://localhost:3000"]]);
  });

  test("is nowhere on an IP address", () => {
    for (const ISSUER of ["http://127.0.0.1:7071", "http://[::1]:7071"])
      expect(passkeys({ ISSUER }), ISSUER).toMatchObject({ rpId: undefined, origins: [], relatedOrigins: [] });
  });
});

describe("20.5 refused at the start, with the reason:", () => {
  test.each<[Record<string, string>, string]>([
    [
      { RP_ID: "example.org" },
      "RP_ID must be the domain of ISSUER, FRONTEND_URL or an entry of ALLOWED_ORIGINS, or above it",
    ],
    [{ RP_ID: "ample.com" }, "RP_ID must be the domain of ISSUER"],
    [{ RP_ID: "a.auth.example.com" }, "RP_ID must be the domain of ISSUER"],
    [{ RP_ID: "https://example.com" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "Example.com" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "example.com:443" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "example.com:8443" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "example.com." }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "*.example.com" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "user@example.com" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "bücher.example" }, "RP_ID must be a domain in lower case"],
    [{ RP_ID: "192.0.2.1" }, "RP_ID must be a domain: passkeys do not work on an IP address"],
    [
      { RP_ID: "example.com", RP_ORIGINS: "https://example.org" },
      "RP_ORIGINS must have an origin of RP_ID or below it",
    ],
    [{ RP_ORIGINS: "https://app.example.com" }, "RP_ORIGINS must have an origin of RP_ID or below it"],
    [{ RP_ORIGINS: `android:apk-key-hash:${hash}` }, "RP_ORIGINS must have an origin of RP_ID or below it"],
    [{ RP_ORIGINS: "http://auth.example.com" }, "RP_ORIGINS must be https origins"],
    [{ RP_ORIGINS: "capacitor://localhost" }, "RP_ORIGINS must be https origins"],
    [{ RP_ORIGINS: "https://auth.example.com/" }, "RP_ORIGINS must be origins such as"],
    [{ RP_ORIGINS: "https://*.example.com" }, "RP_ORIGINS must have no wildcard"],
    [{ RP_ORIGINS: "android:apk-key-hash:short" }, "RP_ORIGINS must be origins such as"],
    [{ ISSUER: "http://127.0.0.1:7071", RP_ORIGINS: "https://app.example.com" }, "RP_ORIGINS needs RP_ID"],
  ])("%j", (settings, reason) => {
    expect(() => passkeys(settings)).toThrow(reason);
  });
});
