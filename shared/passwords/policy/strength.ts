import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { loadedOnce } from "./loaded-once.ts";

/** How hard a password is to guess, from 0 to 4, and what zxcvbn says about it, in its own keys. */
export interface Strength {
  readonly score: number;
  readonly warning: string | null;
  readonly suggestions: readonly string[];
}

/** Estimates a password's strength. @param words names that the attacker knows */
export type MeasureStrength = (password: string, words: readonly string[]) => Promise<Strength>;

/** zxcvbn, loaded with its dictionaries at the first password that is chosen. */
export function createStrength(): MeasureStrength {
  const loaded = loadedOnce(load);
  return async (password, words) => {
    const zxcvbn = await loaded();
    const known = words.slice(0, mostWords);
    const forms = [...new Set([password, plain(password)])].map((form) => zxcvbn.check(form, [...known]));
    const { score, feedback } = forms.reduce((least, form) => (form.guesses < least.guesses ? form : least));
    return { score, ...feedback };
  };
}

/** Without what the eye passes over: width, accents, invisible characters. zxcvbn knows words in plain letters alone. */
function plain(password: string): string {
  return password.normalize("NFKD").replaceAll(/[\p{M}\p{Cf}]+/gu, "");
}

async function load(): Promise<ZxcvbnFactory> {
  const { default: zxcvbn } = await import("@zxcvbn-ts/core");
  const { default: common } = await import("@zxcvbn-ts/language-common");
  const { dictionary, adjacencyGraphs: graphs } = common;
  const { "diceware-common": diceware, "passwords-common": passwords } = dictionary;
  const dictionaries = { diceware, passwords: passwords.slice(0, mostPasswords) };
  return new zxcvbn.ZxcvbnFactory({
    dictionary: dictionaries,
    graphs,
    useLevenshteinDistance: false,
    maxLength,
    l33tMaxSubstitutions,
  });
}

/** Ranking all 49,000 takes 50 ms, in which nobody is served. The rarer ones are longer to guess than the floor asks. */
const mostPasswords = 20_000;

/**
 * Of longer passwords the beginning counts. With these three, the worst texts that a search has found take 4 ms in each of
 * two forms; by default some take 200. The very first password takes 40 ms, most of it to load.
 */
const maxLength = 40;
const l33tMaxSubstitutions = 2;
const mostWords = 20;
