import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuery, readTarget } from "../../tools/local-host/target.ts";

describe("a request's target", () => {
  test.each([
    ["/", "", "/"],
    ["/a/b", "a/b", "/a/b"],
    ["/a?b=/../c", "a", "/a?b=/../c"],
    ["/a%20b", "a b", "/a%20b"],
    ["/%41", "A", "/A"],
    ["/%C3%a9", "é", "/%C3%A9"],
    ["/%e2%82%ac%f0%9f%94%91", "€🔑", "/%E2%82%AC%F0%9F%94%91"],
    ["/a%2fb%2Fc", "a%2fb%2Fc", "/a%2fb%2Fc"],
    ["/%ff", "%ff", "/%ff"],
    ["/%c3", "%c3", "/%c3"],
    ["/%c0%80", "%c0%80", "/%c0%80"],
    ["/%ed%a0%80", "%ed%a0%80", "/%ed%a0%80"],
    ["/%zz", "%zz", "/%25zz"],
    ["/%3f%23%5c", "?#\\", "/%3F%23%5C"],
    ["/a/../b", "b", "/b"],
    ["/a/%2e%2E/b", "b", "/b"],
    ["/../../b", "b", "/b"],
    ["/a/b/..", "a/", "/a/"],
    ["/a/./b/.", "a/b/", "/a/b/"],
    ["/a//../b", "a/b", "/a/b"],
    ["/.well-known/x", ".well-known/x", "/.well-known/x"],
    ["/...", "...", "/..."],
    ["http://elsewhere.example/a?b", "a", "/a?b"],
    ["http://elsewhere.example", "", "/"],
  ])("%s is read as the path %j and the URL %s", (sent, path, url) => {
    expect(readTarget(sent)).toMatchObject({ path, url });
  });

  test.each(["/%00", "/a%00b", "*", "a", "/é", "/a b"])("%j is refused", (sent) => {
    expect(readTarget(sent)).toBeUndefined();
  });

  test("is never read as a path that leaves the root", () => {
    const piece = fc.constantFrom("/", "..", ".", "%2e", "%2F", "a", "%", "%c3", "%ff", "?");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const target = readTarget(`/${pieces.join("")}`);
        expect(target?.path.split("/")).not.toContain("..");
        expect(target?.path.split("/")).not.toContain(".");
      }),
    );
  });
});

describe("a query", () => {
  test.each([
    ["", {}],
    ["?", {}],
    ["?a=1&a=2&b=&c=%20x&d", { a: "1,2", b: "", c: " x", d: "" }],
    ["?a=1&A=2", { a: "1,2" }],
    ["?a=b=c&&", { a: "b=c" }],
    ["?a+b=c+d", { "a b": "c d" }],
    ["?x=%zz&y=%c3&z=%2F", { x: "%zz", y: "%c3", z: "/" }],
    ["?%C3%A9=%00", { é: "\0" }],
    ["?__proto__=1&constructor=2", { ["__proto__"]: "1", constructor: "2" }],
  ])("%s is read as %j", (search, values) => {
    expect(Object.entries(readQuery(search))).toEqual(Object.entries(values));
  });
});
