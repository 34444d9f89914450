import type * as z from "zod";

/**
 * Declares the settings of one concept, in its `settings.ts`. The parsed configuration, the rules, `docs/settings.md`
 * and `local.settings.example.json` all come from this declaration.
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
  /** Whether part of its name is only an example. */
  readonly isExample?: boolean;
  /** Validates the text, and turns it into the configuration's value. */
  readonly type: z.ZodType<unknown, string>;
  /** What it does, in a sentence or two of Markdown. */
  readonly about: string;
  /** The text that applies if none is given. */
  readonly default?: string;
  /** The default in words, if it depends on other settings. */
  readonly defaultText?: string | undefined;
  readonly unit?: string;
  readonly isSecret?: boolean;
  readonly required?: Requirement | undefined;
  /** The value in `local.settings.example.json`, if it is not the default. */
  readonly example?: string;
}

/** When a setting is required, and what to set it to. `production` includes staging. */
export interface Requirement {
  readonly when: "always" | "in Azure" | "in production" | `with ${string}`;
  readonly hint?: string;
}

/** A concept's settings by their names in the configuration. */
export type Settings = Readonly<Record<string, Setting>>;

/** The parsed settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends { default: string } | { required: { when: "always" } }
    ? z.output<S[K]["type"]>
    : z.output<S[K]["type"]> | undefined;
};

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A fault: the setting's name and the rule that it breaks, never its value. */
export type SettingFault = readonly [setting: string, rule: string];

/** A rule: whether it is broken, by which setting, and what it says. */
export type SettingRule = readonly [isBroken: boolean, ...SettingFault];

/** Settings whose names are not known in advance, such as those of OpenID providers. */
export interface Family<F extends object> {
  /** Their documentation, with an example in place of the name. */
  readonly settings: readonly Setting[];
  read(environment: Environment, isProduction: boolean): FamilyValues<F>;
}

export interface FamilyValues<F extends object> {
  readonly values: F;
  readonly faults: readonly SettingFault[];
  /** Settings that have no effect. */
  readonly idle: readonly SettingFault[];
}

/**
 * The settings of a concept and the rules that concern only them. `S` and `F` are what is read, `P` is the concept's
 * part of the configuration, `N` the earlier parts that it uses. Rules learn which settings differ from their defaults,
 * because every `local.settings.json` contains the defaults.
 */
export interface Section<S extends Settings = Settings, F extends object = object, P = unknown, N = never> {
  /** The heading above its table in the documentation. */
  readonly title: string;
  /** The text below the heading. */
  readonly about?: string;
  readonly settings: S;
  readonly family?: Family<F>;
  /** Settings of earlier releases, with the one that took the place of each: a warning at the start. */
  readonly former?: Readonly<Record<string, string>>;
  /** Rules that apply everywhere, beyond those of single settings. */
  rules?(values: Values<S>): readonly SettingRule[];
  /** Rules that apply in staging and production. */
  productionRules?(values: Values<S>, isChosen: IsChosen<S>): readonly SettingRule[];
  /** Settings that have no effect next to another one, without contradicting it: a warning at the start. */
  idleRules?(values: Values<S>, isChosen: IsChosen<S>): readonly SettingRule[];
  /** Makes the concept's part of the configuration, if it is more than the values. */
  complete?(values: Values<S> & F, near: N): P;
}

/** Whether a setting differs from its default. */
export type IsChosen<S extends Settings> = (key: keyof S) => boolean;

/** A concept's part of the configuration. */
export type Part<T> = T extends Section<infer _S, infer _F, infer P, infer _N> ? Readonly<P> : never;
