import { describe, expect, test } from "vitest";
import { networkOf } from "../../../shared/platform/network.ts";

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
