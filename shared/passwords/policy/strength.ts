import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

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
  let loading: Promise<ZxcvbnFactory> | undefined;
  return async (password, words) => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const { score, feedback } = (await loading).check(password, [...words]);
    return { score, ...feedback };
  };
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

/** Of longer passwords the beginning counts. With these two, no text takes longer than 20 ms; by default some take 200. */
const maxLength = 64;
const l33tMaxSubstitutions = 10;
