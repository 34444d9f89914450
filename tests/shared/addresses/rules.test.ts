import { describe, expect, test } from "vitest";
import { createJudge, type Rule, type Verdict } from "../../../shared/addresses/rules.ts";
import { parseNetwork, type Network } from "../../../shared/platform/network.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const rule = (verdict: Verdict, network: string, expiresAt?: Date): Rule => ({
  network: parseNetwork(network) as Network,
  verdict,
  ...(expiresAt && { expiresAt }),
});

describe("18.4 the verdict on an address", () => {
  const judge = createJudge([
    rule("deny", "203.0.113.0/24"),
    rule("allow", "203.0.113.64/26"),
    rule("deny", "203.0.113.65"),
    rule("allow", "198.51.100.0/24"),
    rule("deny", "198.51.100.0/24"),
    rule("deny", "2001:db8::/32"),
    rule("allow", "2001:db8:1::/48"),
    rule("deny", "::/0"),
  ]);

  test.each([
    ["203.0.113.7", "deny"],
    ["::ffff:203.0.113.7", "deny"],
    ["203.0.113.64", "allow"],
    ["203.0.113.65", "deny"],
    ["203.0.113.127", "allow"],
    ["203.0.113.128", "deny"],
    ["203.0.114.0", undefined],
    ["198.51.100.1", "deny"],
    ["2001:db8::1", "deny"],
    ["2001:db8:1::1", "allow"],
    ["2001:DB8:1:0::1", "allow"],
    ["2001:db8:2::1", "deny"],
    ["fe80::1%eth0", "deny"],
    ["nonsense", undefined],
    [undefined, undefined],
  ])("%s: %s", (address, verdict) => {
    expect(judge(address, now)).toBe(verdict);
  });

  test("a rule ends at its instant, and the next larger network decides", () => {
    const until = new Date(now.getTime() + 1000);
    const judgeOf = createJudge([rule("allow", "203.0.113.0/24"), rule("deny", "203.0.113.7", until)]);
    expect(judgeOf("203.0.113.7", new Date(until.getTime() - 1))).toBe("deny");
    expect(judgeOf("203.0.113.7", until)).toBe("allow");
  });
});
