import { describe, expect, test, vi } from "vitest";
import { isEmail, normaliseEmail } from "../../../shared/accounts/email.ts";
import { isUsername } from "../../../shared/accounts/username.ts";

const kelvin = "\u212A";
const dotlessI = "\u0131";
const dottedI = "\u0130";

describe("normaliseEmail", () => {
  test.each([
    ["letter case", "Ada@Example.COM", "ada@example.com"],
    ["surrounding space", " \tada@example.com\u00A0", "ada@example.com"],
    ["the Kelvin sign", `mar${kelvin}@example.com`, "mark@example.com"],
    ["a decomposed accent", "rene\u0301@example.com", "ren\u00E9@example.com"],
  ])("%s makes no difference", (_what, one, other) => {
    expect(normaliseEmail(one)).toBe(normaliseEmail(other));
  });

  test.each([
    ["dotless i and i", `m${dotlessI}a@example.com`, "mia@example.com"],
    ["capital I with a dot and i", `m${dottedI}a@example.com`, "mia@example.com"],
    ["sharp s and ss", "stra\u00DFe@example.com", "strasse@example.com"],
    ["an accent and the bare letter", "ren\u00E9@example.com", "rene@example.com"],
    ["a full-width letter and the plain one", "\uFF41da@example.com", "ada@example.com"],
  ])("%s stay apart", (_what, one, other) => {
    expect(normaliseEmail(one)).not.toBe(normaliseEmail(other));
  });

  test("applied twice, changes nothing more", () => {
    for (const email of [`${dottedI}x@example.com`, "ΟΔΟΣ@example.com", "ẞ@example.com"]) {
      expect(normaliseEmail(normaliseEmail(email))).toBe(normaliseEmail(email));
    }
  });
});

describe("isEmail", () => {
  test.each([
    "a@b.co",
    "first.last+tag@sub.example.com",
    "o'hara@example.ie",
    "用户@例子.广告",
    "rené@example.fr",
    " padded@example.com ",
    `${"a".repeat(64)}@example.com`,
    "x@xn--bcher-kva.example",
  ])("%s is one", (email) => {
    expect(isEmail(email)).toBe(true);
  });

  test.each([
    "",
    " ",
    "plain",
    "@example.com",
    "a@",
    "a@b",
    "a@@b.co",
    "a b@c.de",
    "a@b..co",
    "a@.co",
    "a@b.co.",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.de",
    "a@-b.co",
    "a@b-.co",
    "a@b.c",
    '"quoted"@example.com',
    "a@[127.0.0.1]",
    "a,b@example.com",
    "a@b.co\r\nBcc: c@d.ef",
    "a\u0000@b.co",
    "a\uD800@b.co",
    "<a@b.co>",
    "a@b.co, c@d.ef",
    `${"a".repeat(65)}@example.com`,
    `${"é".repeat(33)}@example.com`,
    `a@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(63)}.com`,
  ])("%j is none", (email) => {
    expect(isEmail(email)).toBe(false);
  });
});

describe("isEmail, on characters that show nothing", () => {
  test.each(["ada\uFE0F@b.co", "a\u3164@b.co", "a\u200B@b.co", "a\u202E@b.co", "a@b\u00AD.co"])(
    "%j is none",
    (email) => {
      expect(isEmail(email)).toBe(false);
    },
  );
});

test("an address of 64 kB is refused before it is normalised, which would take long", () => {
  const normalize = vi.spyOn(String.prototype, "normalize");
  expect(isEmail(`a${"\u0315".repeat(16_000)}${"\u0327".repeat(16_000)}@b.co`)).toBe(false);
  expect(normalize).not.toHaveBeenCalled();
  normalize.mockRestore();
});

describe("isUsername", () => {
  test.each(["A", "Ada Lovelace", "李小龍", "👩‍🚀", "😀".repeat(100), "  padded  "])("%j is one", (username) => {
    expect(isUsername(username)).toBe(true);
  });

  test.each([
    "",
    "   ",
    "a\u0000b",
    "a\nb",
    "\u007F",
    "a\uD83D",
    "x".repeat(101),
    "\u200B",
    "\u3164 ",
    "\u202Egnp.exe",
    "😀".repeat(101),
  ])("%j is none", (username) => {
    expect(isUsername(username)).toBe(false);
  });
});
