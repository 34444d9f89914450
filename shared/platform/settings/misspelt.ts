import type { Environment, SettingFault } from "./section.ts";

/** Shorter names are too close to other words. */
const minLengthForSlips = 10;

/**
 * Names in the environment that are almost those of settings which are not set: in another letter case, with other or no
 * separators, or a letter off. The environment is full of others' variables, so nothing less alike counts, nor does a number
 * at the end: `AzureWebJobsStorage2` is a second storage.
 * @returns each with what may be meant, as `[name, rule]`
 */
export function misspeltSettings(environment: Environment, known: readonly string[]): SettingFault[] {
  // On Windows a name is found in any letter case, and then it is no slip.
  const unset = known.filter((name) => !environment[name]);
  const exact = new Set(known);
  const given = Object.keys(environment).filter((name) => environment[name] && !exact.has(name) && !/\d$/.test(name));
  return given.flatMap((name) => {
    const meant = unset.find((setting) => isAlmost(name, setting));
    return meant === undefined ? [] : [[name, `is not a setting, but ${meant} is`] as const];
  });
}

/** Of these the ones that cannot be another's, and that nobody may overlook: without them production runs as development. */
export function misspeltEnvironment(environment: Environment): SettingFault[] {
  return misspeltSettings(environment, ["ENVIRONMENT"]).filter(([name]) =>
    /^(?:staging|production)$/i.test(environment[name] ?? ""),
  );
}

function isAlmost(name: string, setting: string): boolean {
  if (Math.abs(name.length - setting.length) > 4) return false;
  const [one, other] = [bare(name), bare(setting)];
  return one === other || (setting.length >= minLengthForSlips && isOneSlip(one, other));
}

const bare = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z\d]/g, "");

/** Whether one letter was left out, put in, taken for another, or swapped with the next. */
function isOneSlip(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isSwapped || short.slice(at + 1) === long.slice(at + 1);
}
