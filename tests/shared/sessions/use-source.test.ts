import { describe, expect, test } from "vitest";
import { compareUses, createUseMarks, unknownUse } from "../../../shared/sessions/use-source.ts";
import { testSecretKey } from "../../support/settings.ts";

describe("15.5, 15.20 two uses of a token", () => {
  const [here, there] = [createUseMarks(testSecretKey), createUseMarks(testSecretKey)];
  const use = { address: "203.0.113.7", userAgent: "Firefox" };
  const neither = { isElsewhere: false, isSameByOtherClock: false };

  test.each([
    ["the same", use, false],
    ["a neighbour's address", { ...use, address: "203.0.113.99" }, false],
    ["another network alone", { ...use, address: "198.51.100.1" }, false],
    ["another user agent alone", { ...use, userAgent: "curl" }, false],
    ["both are others", { address: "198.51.100.1", userAgent: "curl" }, true],
    ["another network, and none said for a user agent", { address: "2001:db8::1", userAgent: undefined }, true],
    ["an unknown network and another user agent", { address: undefined, userAgent: "curl" }, false],
  ])("%s: from elsewhere is %s", (_what, other, isElsewhere) => {
    expect(compareUses(here(use), here(other)).isElsewhere).toBe(other === use ? false : isElsewhere);
    expect(compareUses(here(other), there(use)).isElsewhere).toBe(isElsewhere);
  });

  test("are the same by another clock where network and user agent are the same and the instance is another", () => {
    expect(compareUses(here(use), there(use)).isSameByOtherClock).toBe(true);
    expect(compareUses(here(use), there({ ...use, address: "203.0.113.99" })).isSameByOtherClock).toBe(true);
    expect(compareUses(here(use), here(use)).isSameByOtherClock).toBe(false);
    for (const other of [
      { ...use, address: "198.51.100.1" },
      { ...use, userAgent: "curl" },
    ])
      expect(compareUses(here(use), there(other)).isSameByOtherClock).toBe(false);
  });

  test("nothing is said of one that is not known: of an older release's, or of who only asks about a token", () => {
    expect(compareUses(null, here(use))).toEqual(neither);
    expect(compareUses(here(use), unknownUse)).toEqual(neither);
    expect(compareUses(here({ address: undefined, userAgent: undefined }), unknownUse)).toEqual(neither);
  });

  test("a network is an IPv6 address's /48: a phone changes its /64 within one site", () => {
    const at = (address: string) => here({ ...use, address }).subarray(0, 8);
    expect(at("2001:db8:1:2::3")).toEqual(at("2001:db8:1:9::3"));
    expect(at("2001:db8:1:2::3")).not.toEqual(at("2001:db8:2:2::3"));
  });

  test("what is kept of them is keyed: another secret makes other marks, and none has the address or the agent in it", () => {
    const marks = here(use);
    expect(marks).toHaveLength(24);
    expect(marks.subarray(0, 16)).toEqual(there(use).subarray(0, 16));
    expect(createUseMarks("another".repeat(8))(use).subarray(0, 8)).not.toEqual(marks.subarray(0, 8));
    expect(createUseMarks("another".repeat(8))(use).subarray(8, 16)).not.toEqual(marks.subarray(8, 16));
  });
});
