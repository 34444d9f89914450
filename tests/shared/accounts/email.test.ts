import { describe, expect, test, vi } from "vitest";
import { formerlyNormalised, isEmail, normaliseEmail } from "../../../shared/accounts/email.ts";
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

describe("15.13 one domain, one spelling", () => {
  test.each([
    ["the U-label and the A-label", "zoe@müller.example", "zoe@xn--mller-kva.example"],
    ["capitals of either", "Zoe@MÜLLER.Example", "zoe@XN--MLLER-KVA.example"],
    ["a decomposed letter", "zoe@mu\u0308ller.example", "zoe@müller.example"],
    ["every label of the domain", "zoe@почта.пример.рф", "zoe@xn--80a1acny.xn--e1afmkfd.xn--p1ai"],
    ["a full-width domain", "ada@\uFF45xample.com", "ada@example.com"],
    ["a joiner that belongs to the script", "a@\u0915\u094D\u200D\u0937.example", "a@xn--11b2ezcw70k.example"],
    ["a symbol", "a@\u2603.example", "a@xn--n3h.example"],
    ["a middle dot between two l", "a@paral\u00B7lel.cat", "a@xn--parallel-koa.cat"],
  ])("%s: two spellings are one address, and both are addresses", (_what, one, other) => {
    expect(normaliseEmail(one)).toBe(normaliseEmail(other));
    expect([isEmail(one), isEmail(other)]).toEqual([true, true]);
    expect(normaliseEmail(one)).toMatch(/@[a-z\d.-]+$/);
    expect(normaliseEmail(normaliseEmail(one))).toBe(normaliseEmail(one));
  });

  test.each([
    ["sharp s and ss", "a@straße.example", "a@strasse.example"],
    ["the two small sigmas", "a@οδος.example", "a@οδοσ.example"],
    ["with and without the accent", "a@müller.example", "a@muller.example"],
    ["Cyrillic and Latin letters", "a@\u0430pple.example", "a@apple.example"],
    ["local parts that look like A-labels", "xn--mller-kva@a.example", "müller@a.example"],
  ])("%s stay apart", (_what, one, other) => {
    expect(normaliseEmail(one)).not.toBe(normaliseEmail(other));
  });

  test("the raw domain is mapped, not its lower case: a capital sigma at the end is the browsers' sigma", () => {
    expect(normaliseEmail("a@example.ΟΔΟΣ")).toBe(normaliseEmail("a@example.οδοσ"));
    expect(formerlyNormalised("a@example.ΟΔΟΣ")).toBe("a@example.οδος");
  });

  test.each([
    ["an IPv4 address", "a@127.0.0.1"],
    ["what a URL takes for one", "a@0x7f.1"],
    ["two numbers", "a@1.22"],
    ["a number at the end", "a@example.123"],
    ["a full-width number at the end", "a@example.\uFF11\uFF12"],
    ["a hexadecimal number at the end", "a@example.0x1f"],
    ["an ideographic full stop", "a@例子。广告"],
    ["a full-width full stop", "a@example\uFF0Ecom"],
    ["percent-encoding", "a@ex%61mple.com"],
    ["a full-width percent sign", "a@ex\uFF0561mple.com"],
    ["a path", "a@example.com/b"],
    ["a port", "a@example.com:25"],
    ["a character that becomes a path", "a@\u2100.example"],
    ["a soft hyphen", "a@exam\u00ADple.com"],
    ["a variation selector", "a@example\uFE0F.com"],
    ["a joiner where none may be", "a@exam\u200Dple.com"],
    ["a mark at the beginning of a label", "a@\u0308a.example"],
    ["mixed directions", "a@a\u05D0.example"],
    ["an A-label of nothing", "a@xn--.example"],
    ["an A-label that does not decode", "a@xn--a.example"],
    ["an A-label of plain ASCII", "a@xn--abc-.example"],
    ["an A-label of something that has another", "a@xn--ab-m1t.example"],
    ["letters beyond ASCII behind xn--", "a@xn--bücher.example"],
    ["a label whose A-label is too long", `a@${"ü".repeat(60)}.example`],
    ["a lone surrogate", "a@ex\uD800ample.com"],
    ["a dot at the end", "a@müller.example."],
  ])("%s is no mail domain, and nothing is made of it", (_what, email) => {
    expect(isEmail(email)).toBe(false);
    expect(normaliseEmail(email)).toBe(formerlyNormalised(email));
  });

  test("254 characters hold for both forms", () => {
    const domain = `${`${"ü".repeat(40)}.`.repeat(5)}de`;
    const room = 254 - 1 - normaliseEmail(`a@${domain}`).slice(2).length;
    expect(room).toBeGreaterThan(0);
    expect(room).toBeLessThan(64);
    expect(isEmail(`${"a".repeat(room)}@${domain}`)).toBe(true);
    const longer = `${"a".repeat(room + 1)}@${domain}`;
    expect(longer.length).toBeLessThan(254);
    expect([isEmail(longer), normaliseEmail(longer)]).toEqual([false, longer]);
  });
});
