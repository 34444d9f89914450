import { describe, expect, test } from "vitest";
import { isExempt } from "../../../shared/addresses/settings.ts";
import { loadConfig } from "../../../shared/config.ts";
import { formatNetwork } from "../../../shared/platform/network.ts";
import { testSettings } from "../../support/settings.ts";

const read = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings }).addresses;

describe("18.4 the settings about addresses", () => {
  test("lists have addresses and networks of both families", () => {
    const { allowed, denied } = read({ IP_ALLOWLIST: "203.0.113.0/24, 2001:db8::/32,198.51.100.7", IP_DENYLIST: "" });
    expect(allowed.map(formatNetwork)).toEqual(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"]);
    expect(denied).toEqual([]);
  });

  test.each([
    ["IP_ALLOWLIST", "203.0.113.7/24", "networks without host bits"],
    ["IP_DENYLIST", "203.0.113.0/24,example.com", "networks without host bits"],
    ["IP_DENYLIST", "203.0.113.0 - 203.0.113.9", "networks without host bits"],
    ["IP_LISTS_EXEMPT", "health", "must be paths"],
    ["IP_LISTS_EXEMPT", "//health", "must be paths"],
    ["IP_LISTS_EXEMPT", "https://example.com/health", "must be paths"],
    ["IP_LISTS_EXEMPT", "/", "must not be / alone"],
  ])("%s=%s is refused with the rule", (name, value, rule) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`${name} .*${rule}`));
  });

  test.each([
    ["/health", "health", true],
    ["/health", "health/live", false],
    ["/health", "healthy", false],
    ["/.Well-Known/", ".well-known/jwks.json", true],
    ["/.well-known/", "well-known/jwks.json", false],
    ["/auth/oauth/", "auth/oauth/{provider}/authorize", true],
  ])("IP_LISTS_EXEMPT=%s exempts %s: %s", (text, route, expected) => {
    expect(isExempt(read({ IP_LISTS_EXEMPT: text }), route)).toBe(expected);
  });
});
