import { ConfigError } from "./config-error.ts";
import { misspeltSettings } from "./misspelt.ts";
import type {
  Environment,
  FamilyValues,
  Part,
  Requirement,
  Section,
  Setting,
  SettingFault,
  SettingRule,
  Settings,
  Values,
} from "./section.ts";

/** Sections by their names in the configuration; each comes after the ones it depends on. */
export type Sections = Readonly<Record<string, Section>>;

/** The configuration: one part per section. */
export type Parts<T extends Sections> = { readonly [K in keyof T]: Part<T[K]> } & {
  /** Settings that have no effect, a line each, naming no value; logged at the start. */
  readonly warnings: readonly string[];
};

/**
 * Parses the settings of these sections and checks their rules. An empty setting counts as absent.
 * @throws ConfigError naming every wrong setting and its rule, never a value
 */
export function readSections<T extends Sections>(sections: T, environment: Environment): Parts<T> {
  // An unknown environment must follow the rules of production too.
  const isProduction = (environment["ENVIRONMENT"] || "development") !== "development";
  const misspelt = misspeltSettings(environment, ownNames(sections));
  const read = Object.entries(sections).map(
    ([key, section]) => [key, section, readSection(section, environment, isProduction)] as const,
  );
  const faults = [
    ...read.flatMap(([, , one]) => one.wrong).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ...read.flatMap(([, , one]) => one.broken),
    ...read.flatMap(([, , one]) => one.family.faults),
  ];
  if (faults.length > 0) throw wrongSettings(faults, misspelt);
  const parts: Record<string, unknown> = {};
  for (const [key, section, one] of read) {
    const values = { ...one.values, ...one.family.values };
    parts[key] = Object.freeze(section.complete?.(values as never, parts as never) ?? values);
  }
  const warnings = told([
    ...misspelt,
    ...formerSettings(sections, environment),
    ...read.flatMap(([, , one]) => one.idle.concat(one.family.idle)),
  ]);
  return Object.freeze({ ...parts, warnings }) as Parts<T>;
}

function formerSettings(sections: Sections, environment: Environment): SettingFault[] {
  return Object.values(sections)
    .flatMap(({ former = {} }) => Object.entries(former))
    .filter(([name]) => environment[name])
    .map(([name, successor]) => [name, `is not a setting any more: use ${successor}`]);
}

/** @param misspelt possible reasons why a setting is missing */
export function wrongSettings(faults: readonly SettingFault[], misspelt: readonly SettingFault[] = []): ConfigError {
  const hint = misspelt.length > 0 ? `; perhaps misspelt: ${told(misspelt).join("; ")}` : "";
  return new ConfigError(`Wrong settings: ${told(faults).join("; ")}${hint}`);
}

/** Every setting of these sections, by its name in the environment; a family's by example. */
export function settingsOf(sections: Sections): Setting[] {
  return Object.values(sections).flatMap(({ settings, family }) =>
    Object.values(settings).concat(family?.settings ?? []),
  );
}

/** Parses settings one by one. @returns the values, valid only if there are no faults */
export function parseSettings<const S extends Settings>(
  settings: S,
  environment: Environment,
): { readonly values: Values<S>; readonly faults: readonly SettingFault[] } {
  const values: Record<string, unknown> = {};
  const faults: SettingFault[] = [];
  for (const [key, { name, type, default: fallback, required }] of Object.entries(settings)) {
    const text = environment[name] || fallback;
    if (text === undefined && required?.when === "always") faults.push([name, requirement(required)]);
    if (text === undefined) continue;
    const { data, error } = type.safeParse(text);
    values[key] = data;
    for (const { message } of error?.issues ?? []) faults.push([name, message]);
  }
  return { values: values as Values<S>, faults };
}

interface ReadSection {
  readonly values: object;
  /** Faults of single settings. */
  readonly wrong: readonly SettingFault[];
  /** Broken rules between settings. */
  readonly broken: readonly SettingFault[];
  readonly idle: readonly SettingFault[];
  readonly family: FamilyValues<object>;
}

function readSection(section: Section, environment: Environment, isProduction: boolean): ReadSection {
  const { values, faults: wrong } = parseSettings(section.settings, environment);
  const family = section.family?.read(environment, isProduction) ?? { values: {}, faults: [], idle: [] };
  // Rules between settings assume that each one is valid.
  const held = wrong.length > 0 ? { broken: [], idle: [] } : holdRules(section, values, isProduction);
  return { values, family, wrong, ...held };
}

function holdRules(section: Section, values: Values<Settings>, isProduction: boolean) {
  const isChosen = (key: string) => {
    const { type, default: fallback } = section.settings[key] as Setting;
    return values[key] !== (fallback === undefined ? undefined : type.parse(fallback));
  };
  return {
    broken: [
      ...missing(section.settings, values, isProduction),
      ...brokenOf(section.rules?.(values)),
      ...(isProduction ? brokenOf(section.productionRules?.(values, isChosen)) : []),
    ],
    idle: brokenOf(section.idleRules?.(values, isChosen)),
  };
}

function brokenOf(rules: readonly SettingRule[] = []): SettingFault[] {
  return rules.filter(([isBroken]) => isBroken).map(([, name, rule]) => [name, rule]);
}

/** Settings that are missing although they are required in production, or together with another that is given. */
function missing(settings: Settings, values: Values<Settings>, isProduction: boolean): SettingFault[] {
  const given = new Set(
    Object.keys(settings)
      .filter((key) => values[key] !== undefined)
      .map((key) => settings[key]?.name),
  );
  return Object.values(settings).flatMap(({ name, required }): SettingFault[] => {
    if (required === undefined || given.has(name)) return [];
    const isMissed = required.when === "in production" ? isProduction : given.has(required.when.replace(/^with /, ""));
    return isMissed ? [[name, requirement(required)]] : [];
  });
}

function requirement({ when, hint }: Requirement): string {
  return `is required${when === "always" ? "" : ` ${when}`}${hint === undefined ? "" : `: ${hint}`}`;
}

/** The names to look for slips of. */
function ownNames(sections: Sections): string[] {
  return settingsOf(sections)
    .filter(({ isExample }) => !isExample)
    .map(({ name }) => name);
}

/** One line per fault, without duplicates. */
function told(faults: readonly SettingFault[]): readonly string[] {
  return [...new Set(faults.map(([name, rule]) => `${name} ${rule}`))];
}
