import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hashRecoveryCode, newRecoveryCodes, recoveryCodeCount } from "../../../shared/mfa/recovery-codes.ts";

describe("recovery codes", () => {
  test("ASVS 6.5.2: are ten, of 120 bits, in groups that people can read", () => {
    const codes = newRecoveryCodes();
    expect([codes.length, new Set(codes).size]).toEqual([recoveryCodeCount, 10]);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){5}$/);
  });

  test("have every character at every place: no bit of them is fixed", () => {
    const places = Array.from({ length: 24 }, () => new Set<string>());
    for (let round = 0; round < 100; round += 1)
      for (const code of newRecoveryCodes())
        for (const [place, character] of [...code.replaceAll("-", "")].entries()) places[place]?.add(character);
    expect(places.map((characters) => characters.size)).toEqual(places.map(() => 32));
  });

  const code = "0123-4567-89AB-CDEF-GHJK-MNPQ";

  test("are kept as the SHA-256 of their characters", () => {
    expect(hashRecoveryCode(code)).toEqual(hash("sha256", "0123456789ABCDEFGHJKMNPQ", "buffer"));
  });

  test.each([
    ["in small letters", code.toLowerCase()],
    ["without separators", code.replaceAll("-", "")],
    ["with spaces, tabs and line ends", `  ${code.replaceAll("-", " \t")}\r\n`],
    ["with dashes that a text program made", code.replaceAll("-", "–")],
    ["with letters for digits", code.replace("0", "o").replace("1", "l")],
    ["with other letters for digits", code.replace("0", "O").replace("1", "I")],
  ])("are the same %s", (_how, typed) => {
    expect(hashRecoveryCode(typed)).toEqual(hashRecoveryCode(code));
  });

  test.each(["", "0123", `${code}-0000`, code.replace("A", "U"), code.replace("A", "!"), code.repeat(100_000)])(
    "are not %.40s",
    (typed) => {
      expect(hashRecoveryCode(typed)).toBeUndefined();
    },
  );
});
