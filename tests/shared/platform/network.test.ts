import { describe, expect, test } from "vitest";
import { formatNetwork, hostOf, networkOf, parseNetwork } from "../../../shared/platform/network.ts";

describe("18.4 the network of an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113"],
    ["203.0.113.255", "203.0.113"],
    ["::ffff:203.0.113.7", "203.0.113"],
    ["::FFFF:cb00:7107", "203.0.113"],
    ["0:0:0:0:0:ffff:cb00:7107", "203.0.113"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:0001:0002::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["1::", "1:0:0:0"],
    ["64:ff9b::203.0.113.7", "64:ff9b:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    [undefined, "unknown"],
  ])("%s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test("may be wider for IPv6: a /48", () => {
    expect(networkOf("2001:db8:1:2::3", 3)).toBe("2001:db8:1");
    expect(networkOf("203.0.113.7", 3)).toBe("203.0.113");
  });
});

describe("18.4 the host of an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7/32"],
    ["::ffff:203.0.113.7", "203.0.113.7/32"],
    ["2001:db8:1:2:3::4", "2001:db8:1:2"],
    [undefined, "unknown"],
  ])("%s is %s", (address, host) => {
    expect(hostOf(address)).toBe(host);
  });
});

describe("18.4 CIDR notation", () => {
  test.each([
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["203.0.113.7", "203.0.113.7/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["128.0.0.0/1", "128.0.0.0/1"],
    ["::/0", "::/0"],
    ["2001:DB8:0::/32", "2001:db8::/32"],
    ["2001:db8::1", "2001:db8::1/128"],
    ["::ffff:203.0.113.0/120", "203.0.113.0/24"],
    ["::ffff:203.0.113.7", "203.0.113.7/32"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
  ])("%s is %s", (text, network) => {
    const parsed = parseNetwork(text);
    expect(parsed && formatNetwork(parsed)).toBe(network);
  });

  test.each([
    "",
    "/24",
    "203.0.113.0/",
    "203.0.113.0/33",
    "203.0.113.0/-1",
    "203.0.113.0/024",
    "203.0.113.0/2e1",
    "203.0.113.0/24/24",
    "203.0.113.7/24",
    "203.0.113/24",
    "203.0.113.007",
    " 203.0.113.7",
    "2001:db8::/129",
    "2001:db8::1/32",
    "::ffff:0:0/95",
    "fe80::1%eth0",
    "example.com",
    "*",
  ])("refuses %j", (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
