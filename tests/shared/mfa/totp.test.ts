import { describe, expect, test } from "vitest";
import { matchTotp, newTotpSecret, qrSvg, stepAt, totpAt, totpUri } from "../../../shared/mfa/totp.ts";

/** The key of RFC 6238, appendix B, for SHA-1: "12345678901234567890". */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const at = (seconds: number) => new Date(seconds * 1000);

describe("RFC 6238, appendix B:", () => {
  // The codes there have eight digits; one of six has the last six of them (RFC 4226, section 5.3).
  test.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("at %i the code is %s", (seconds, code) => {
    expect(totpAt(secret, at(seconds))).toBe(code.slice(2));
    expect(matchTotp({ secret, code: code.slice(2) }, at(seconds))).toBe(Math.floor(seconds / 30));
  });
});

describe("a code", () => {
  const now = at(1_234_567_890);
  const code = totpAt(secret, now);

  test("is that of its own step, and of one step earlier or later, to the millisecond", () => {
    const begin = stepAt(now) * 30_000;
    const found = [-30_001, -30_000, 0, 59_999, 60_000].map((offset) =>
      matchTotp({ secret, code }, new Date(begin + offset)),
    );
    expect(found).toEqual([undefined, stepAt(now), stepAt(now), stepAt(now), undefined]);
  });

  test("may be typed as apps show it", () => {
    expect(matchTotp({ secret, code: ` ${code.slice(0, 3)} ${code.slice(3)} ` }, now)).toBe(stepAt(now));
  });

  test.each(["", "12345", `${code}0`, `0${code}`, `${code}\n`, code.replace(/./, "٠"), "abcdef", " ".repeat(100_000)])(
    "is not %j",
    (wrong) => {
      expect(matchTotp({ secret, code: wrong }, now)).toBeUndefined();
    },
  );

  test("of another secret is wrong", () => {
    expect(matchTotp({ secret: newTotpSecret(), code }, now)).toBeUndefined();
  });
});

test("a secret has 160 bits, in the base32 that apps take, and is new each time", () => {
  const secrets = Array.from({ length: 100 }, newTotpSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const each of secrets) expect(each).toMatch(/^[A-Z2-7]{32}$/);
});

test("the address for apps names the product and the account, and what all apps can do", () => {
  const url = new URL(totpUri({ secret, issuer: "Acme: Co & Söhne", label: "ada+1@example.com" }));
  expect([url.protocol, url.host]).toEqual(["otpauth:", "totp"]);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    secret,
    issuer: "Acme: Co & Söhne",
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
  expect(decodeURIComponent(url.pathname)).toMatch(/ada\+1@example\.com$/);
});

test("the address of a long name has its beginning, whole characters", () => {
  const uri = totpUri({ secret: newTotpSecret(), issuer: "Acme", label: "😂".repeat(100) });
  expect(decodeURIComponent(new URL(uri).pathname)).toBe(`/Acme:${"😂".repeat(60)}`);
});

test("the QR code is an SVG without style or script, so that a strict policy shows it", async () => {
  const svg = await qrSvg(totpUri({ secret, issuer: "Acme", label: "ada@example.com" }));
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*viewBox="0 0 (\d+) \1"/);
  expect(svg).not.toMatch(/<(?:style|script|image)|style=|href=| on\w+=/);
});
