import { describe, expect, test } from "vitest";
import { sourceAddress } from "../../../shared/http/source.ts";
import { clearedRefreshCookies, parseCookies, readRefreshCookie, refreshCookie } from "../../../shared/http/cookies.ts";
import { isPlain, parseAccept } from "../../../shared/http/media-type.ts";
import { parseStrictJson } from "../../../shared/http/strict-json.ts";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseStrictJson", () => {
  test.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}'],
    ['{"a":"}","b":"{\\"a\\":1,\\"a\\":2}"}'],
    ['["a","a",{"a":"a"}]'],
    ['{"":1}'],
    ['"a"'],
    ['{"a\\\\":1,"a":2}'],
  ])("%s is taken as JSON.parse does", (text) => {
    expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text));
  });

  test.each([
    ['{"a":1,"a":2}'],
    ['{"a":1,"\\u0061":2}'],
    ['{"x":[{"y":{"a":1,"b":2,"a":3}}]}'],
    ['{"a":{"b":1},"a":{"b":1}}'],
    ['{"a":[1,2],"a":1}'],
    ['{"__proto__":1,"__proto__":2}'],
    ['{"":1,"":2}'],
  ])("%s names a member twice", (text) => {
    expect(() => parseStrictJson(bytes(text))).toThrow("named twice");
  });

  test.each([[[0xff, 0xfe, 0x7b, 0x7d]], [[0x22, 0xc0, 0x80, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]]])(
    "bytes %o are not UTF-8",
    (list) => {
      expect(() => parseStrictJson(Uint8Array.from(list))).toThrow();
    },
  );

  test("100,000 levels cost no stack, and a repetition at the bottom is found", () => {
    const deep = (inner: string) => bytes('{"a":['.repeat(50_000) + inner + "]}".repeat(50_000));
    expect(() => parseStrictJson(deep('{"b":1,"b":2}'))).toThrow("named twice");
    expect(() => parseStrictJson(deep("1"))).not.toThrow();
  });

  test("a string of a megabyte is scanned in one go", () => {
    expect(parseStrictJson(bytes(`{"a":"${"\\\\x".repeat(300_000)}"}`))).toBeTypeOf("object");
  });
});

describe("sourceAddress", () => {
  test.each([
    ["203.0.113.7:51000", 1, "203.0.113.7"],
    ["203.0.113.7", 1, "203.0.113.7"],
    ["6.6.6.6, 203.0.113.7:51000", 1, "203.0.113.7"],
    ["6.6.6.6,203.0.113.7:51000,10.0.0.1:443", 2, "203.0.113.7"],
    ["[2001:db8::1]:51000", 1, "2001:db8::1"],
    ["2001:db8::1", 1, "2001:db8::1"],
    ["6.6.6.6", 2, undefined],
    ["not an address", 1, undefined],
    ["", 1, undefined],
    [null, 1, undefined],
    ["203.0.113.7", 0, undefined],
  ])("of %j with %d trusted hops is %s", (header, hops, expected) => {
    expect(sourceAddress(header, hops)).toBe(expected);
  });
});

describe("the refresh cookie", () => {
  const plain = loadConfig(testSettings);
  const secure = loadConfig({ ...testSettings, ISSUER: "https://auth.example.com" });

  test("cookies end at a semicolon and at a comma, and the first of a name counts", () => {
    expect([...parseCookies("a=1; b=x=y,c=3;a=4; broken")]).toEqual([
      ["a", "1"],
      ["b", "x=y"],
      ["c", "3"],
    ]);
    expect(parseCookies(null).size).toBe(0);
  });

  test("ASVS 3.3: over https it has the __Host- prefix and is Secure, HttpOnly, SameSite=Lax, path /", () => {
    expect(refreshCookie(secure, "v", 60)).toEqual({
      name: "__Host-refresh_token",
      value: "v",
      path: "/",
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
      maxAge: 60,
    });
    expect(refreshCookie(plain, "v", 60)).toMatchObject({ name: "refresh_token", secure: false, httpOnly: true });
  });

  test("the prefixed cookie wins over the plain one; over https the plain one is not read at all", () => {
    const both = parseCookies("refresh_token=a; __Host-refresh_token=b");
    expect([readRefreshCookie(plain, both), readRefreshCookie(secure, both)]).toEqual(["b", "b"]);
    const planted = parseCookies("refresh_token=a");
    expect([readRefreshCookie(plain, planted), readRefreshCookie(secure, planted)]).toEqual(["a", undefined]);
    expect(readRefreshCookie(plain, parseCookies("x=a"))).toBeUndefined();
  });

  test.each([
    ["within another cookie's value", "x=1,__Host-refresh_token=evil; __Host-refresh_token=own"],
    ["within a value, in other letters", "x=1, __host-refresh_token=evil; __Host-refresh_token=own"],
    ["behind a space of another kind", "\u00A0__Host-refresh_token=evil; __Host-refresh_token=own"],
    ["behind a byte order mark", "\uFEFF__Host-refresh_token=evil; __Host-refresh_token=own"],
  ])("ASVS 3.3.3: a sibling domain cannot plant a prefixed cookie %s", (_what, header) => {
    expect(readRefreshCookie(secure, parseCookies(header))).toBe("own");
  });

  test("clearing covers both names where both were sent", () => {
    const names = (header: string) =>
      clearedRefreshCookies(secure, parseCookies(header)).map(({ name, maxAge }) => [name, maxAge]);
    expect(names("refresh_token=a; __Host-refresh_token=b")).toEqual([
      ["__Host-refresh_token", 0],
      ["refresh_token", 0],
    ]);
    expect(names("")).toEqual([["__Host-refresh_token", 0]]);
  });
});

describe("15.1 a media type (RFC 9110, section 8.3.1)", () => {
  const json = (type: string, coding: string | null = null) => {
    const headers: Record<string, string | null> = { "content-type": type, "content-encoding": coding };
    return isPlain({ get: (name) => headers[name] ?? null }, "application/json");
  };

  test.each([
    "application/json",
    "Application/JSON",
    "application/json;",
    "application/json ;\tcharset=UTF-8 ; ",
    'application/json; charset="utf-8"',
    'application/json; charset="\\u\\t\\f-8"',
    'application/json; profile="a;b, \\"c\\""; charset=utf-8',
    "application/json; odata.metadata=minimal",
  ])("%j is JSON in UTF-8", (type) => expect(json(type)).toBe(true));

  test.each([
    "",
    "application/jsonp",
    "application/json+x",
    "application / json",
    "application/json, application/json",
    "application/json; charset=utf-16",
    "application/json; charset=utf-8; charset=utf-16",
    'application/json; charset="utf-8',
    "application/json; charset = utf-8",
    "application/json; charset",
    "application/json\u00A0",
  ])("%j is not", (type) => expect(json(type)).toBe(false));

  test.each([
    [null, true],
    ["", true],
    ["Identity", true],
    ["gzip", false],
    ["identity, gzip", false],
  ])("a body with the coding %j is plain: %j", (coding, expected) =>
    expect(json("application/json", coding)).toBe(expected),
  );

  test("of an Accept what is malformed is left out, and a comma within quotes ends nothing", () => {
    const names = parseAccept('text/html;level="1,2";q=0.5, *, , a/b;;q=1, "x,y/z", c/d').map(({ name }) => name);
    expect(names).toEqual(["text/html", "a/b", "c/d"]);
  });
});
