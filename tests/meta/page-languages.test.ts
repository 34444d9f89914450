import { describe, expect, test } from "vitest";
import { languages } from "../../pages/account/languages/all.ts";
import { keptTypes } from "../../shared/audit/event-types.ts";
import { locales } from "../../shared/platform/locale.ts";

type Texts = ReadonlyMap<string, string>;

/** All texts of a language, by their paths. */
function textsOf(words: object): Texts {
  const texts = new Map<string, string>();
  const add = (value: unknown, path: string) => {
    if (typeof value === "string") texts.set(path, value);
    else for (const [key, inner] of Object.entries(value as object)) add(inner, `${path}/${key}`);
  };
  add(words, "");
  return texts;
}

/** The values that a text has places for, in any order. */
const placesOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();

const english = textsOf(languages.en);

describe.each(locales)("17.6 the account page in %s", (locale) => {
  const texts = textsOf(languages[locale]);

  test("has every text, none of them empty, and the same places for values as English", () => {
    expect([...texts.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    for (const [at, text] of texts) {
      expect(text.trim(), at).toBe(text);
      expect(text, at).not.toBe("");
      expect(placesOf(text), at).toEqual(placesOf(english.get(at) ?? ""));
    }
  });

  test("has a text for every event that an account's activity shows", () => {
    for (const type of keptTypes) expect(languages[locale].events, type).toHaveProperty([type]);
  });
});

test.each(locales.filter((locale) => locale !== "en"))(
  "%s is not English, but for words that are the same",
  (locale) => {
    const same = [...textsOf(languages[locale])]
      .filter(([at, text]) => english.get(at) === text)
      .map(([, text]) => text);
    expect(same.filter((text) => !["Name", "Code", "Captcha"].includes(text))).toEqual([]);
  },
);

test("17.6 French sets apart what stands before a colon, a question mark and the like, by spaces that do not break", () => {
  for (const [at, text] of textsOf(languages.fr)) {
    expect(text, at).not.toMatch(/ [:;!?»]|« /);
    expect(text, at).not.toMatch(/[\p{L}\d)][:;!?»](?: |$)/u);
  }
});
