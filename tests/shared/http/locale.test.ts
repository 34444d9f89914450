import { describe, expect, test } from "vitest";
import { preferredLocale } from "../../../shared/http/locale.ts";

describe("the language of an Accept-Language", () => {
  test.each([
    ["de-AT,de;q=0.9,en;q=0.8", "de"],
    ["en;q=0.5, fr;q=0.9", "fr"],
    ["pt-BR, es;q=0.1", "es"],
    ["zh-TW", "zh-Hant"],
    ["zh-CN,zh;q=0.9", "zh-Hant"],
    ["ZH-hant-hk", "zh-Hant"],
    ["en-GB", "en"],
    ["es;q=0, fr;q=0.001", "fr"],
    ["fr;q=1.5, de;q=oops, es;q=0.2", "es"],
    ["fr ; q=0.3 , es ;q=0.4", "es"],
  ])("%s: %s", (header, locale) => {
    expect(preferredLocale(header)).toBe(locale);
  });

  test.each([[null], [""], ["*"], ["pt"], ["d"], ["-de"], ["de_DE"], [",;,;"], ["de;q=0"], ["english"]])(
    "%s asks for none of ours",
    (header) => {
      expect(preferredLocale(header)).toBeUndefined();
    },
  );

  test("reads a long header in linear time", () => {
    expect(preferredLocale(`${"xx;q=0.1,".repeat(5000)}de`)).toBe("de");
  });
});
