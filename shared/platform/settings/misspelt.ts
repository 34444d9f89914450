import type { Environment, SettingFault } from "./section.ts";

/**
 * Variables whose name almost matches a setting that is not set: different letter case, different or missing
 * separators, or one letter off. The environment is full of other programs' variables, so nothing less similar counts,
 * nor does a number at the end: `AzureWebJobsStorage2` is a second storage account.
 * @returns each with the setting that may be meant, as `[name, rule]`
 */
export function misspeltSettings(environment: Environment, known: readonly string[]): SettingFault[] {
  // On Windows a name matches in any letter case, so this is no slip there.
  const unset = known.filter((name) => !environment[name]);
  const exact = new Set(known);
  const given = Object.keys(environment).filter((name) => environment[name] && !exact.has(name) && !/\d$/.test(name));
  return given.flatMap((name) => {
    const meant = unset.find((setting) => isAlmost(name, setting));
    return meant === undefined ? [] : [[name, `is not a setting, but ${meant} is`] as const];
  });
}

/** Shorter names are too similar to other words. */
const minLengthForSlips = 10;

/**
 * The slips that belong to no other program and that must not be overlooked: without the setting, production would run
 * as development.
 */
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

/** Whether one letter was left out, added, replaced, or swapped with the next. */
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
