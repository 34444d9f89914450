import type * as z from "zod";

/**
 * Declares the settings of one concept, in its `settings.ts`. The parsed part of the configuration, the rules, `docs/settings.md` and
 * `local.settings.example.json` all come from this one declaration.
 */
export function section<const S extends Settings, F extends object = object, P = Values<S> & F, N = unknown>(
  declared: Section<S, F, P, N>,
): Section<S, F, P, N> {
  return declared;
}

/** One setting. */
export interface Setting {
  /** Its name in the environment. */
  readonly name: string;
  /** Whether a part of its name is an example, which any other may take the place of. */
  readonly isExample?: boolean;
  /** What its text must be, and what the configuration holds of it. */
  readonly type: z.ZodType<unknown, string>;
  /** What it does, in a sentence or two of Markdown. */
  readonly about: string;
  /** The text that counts where none is given. */
  readonly default?: string;
  /** The same in words, where it depends on other settings. */
  readonly defaultText?: string | undefined;
  readonly unit?: string;
  readonly isSecret?: boolean;
  readonly required?: Requirement | undefined;
  /** What `local.settings.example.json` says, where that is not the default. */
  readonly example?: string;
}

/** When a setting must be given, and what a value would be. `production` includes staging. */
export interface Requirement {
  readonly when: "always" | "in Azure" | "in production" | `with ${string}`;
  readonly hint?: string;
}

/** The settings of a concept, each by its name in the configuration. */
export type Settings = Readonly<Record<string, Setting>>;

/** The parsed settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends { default: string } | { required: { when: "always" } }
    ? z.output<S[K]["type"]>
    : z.output<S[K]["type"]> | undefined;
};

/** The settings of a process, by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a setting: its name, and the rule that it breaks; never its value. */
export type SettingFault = readonly [setting: string, rule: string];

/** A rule: whether it is broken, by which setting, and what it says. */
export type SettingRule = readonly [isBroken: boolean, ...SettingFault];

/** Settings whose names are not known beforehand, such as those of OpenID providers. */
export interface Family<F extends object> {
  /** How they are documented: with an example instead of the name. */
  readonly settings: readonly Setting[];
  read(environment: Environment, isProduction: boolean): FamilyValues<F>;
}

export interface FamilyValues<F extends object> {
  readonly values: F;
  readonly faults: readonly SettingFault[];
  /** What does nothing as it is set. */
  readonly idle: readonly SettingFault[];
}

/**
 * The settings of a concept, with the rules that concern only it. `S` and `F` are what is read, `P` is its part of the
 * configuration, `N` the parts before it that it looks at. Rules learn which settings differ from their defaults, since a default
 * stands in every `local.settings.json`.
 */
export interface Section<S extends Settings = Settings, F extends object = object, P = unknown, N = never> {
  /** The heading above its table in the documentation. */
  readonly title: string;
  /** What is said below the heading. */
  readonly about?: string;
  readonly settings: S;
  readonly family?: Family<F>;
  /** What is refused everywhere, beyond the rules of single settings. */
  rules?(values: Values<S>): readonly SettingRule[];
  /** What staging and production refuse. */
  productionRules?(values: Values<S>, isChosen: IsChosen<S>): readonly SettingRule[];
  /** What does nothing beside another setting and contradicts none: a warning at the start. */
  idleRules?(values: Values<S>, isChosen: IsChosen<S>): readonly SettingRule[];
  /** The part of the configuration, where it is more than the values. */
  complete?(values: Values<S> & F, near: N): P;
}

/** Whether a setting has another value than its default. */
export type IsChosen<S extends Settings> = (key: keyof S) => boolean;

/** What a concept gets of the configuration. */
export type Part<T> = T extends Section<infer _S, infer _F, infer P, infer _N> ? Readonly<P> : never;
