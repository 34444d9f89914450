import { misspeltSettings } from "../../platform/settings/misspelt.ts";
import { parseSettings } from "../../platform/settings/read.ts";
import type { Environment, Family, Setting, SettingFault } from "../../platform/settings/section.ts";
import { clientIds, flag, isGuid, issuerUrl, providerIssuer, word } from "../../platform/settings/types.ts";

/** The kinds of social provider; each has a file of its own beside this one. */
export type ProviderKind = "google" | "entra" | "facebook" | "github" | "oidc";

/** A social provider's settings. */
export interface ProviderSettings {
  readonly kind: ProviderKind;
  /** Its name in paths: `/auth/oauth/{name}`. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For OpenID providers: where the discovery document is; undefined for the provider's own. */
  readonly issuer: string | undefined;
  /** For the others: where the endpoints are; undefined for the provider's own. */
  readonly baseUrl: string | undefined;
  /** The directory of Microsoft Entra ID. */
  readonly tenantId: string | undefined;
  /** Further audiences whose id_tokens are accepted: those of native apps. */
  readonly additionalClientIds: readonly string[];
  /** Whether to believe the issuer's `email_verified`. */
  readonly trustsEmail: boolean;
}

/** The settings of a provider by the end of their names; `{name}` stands for the provider's. */
const suffixes = {
  CLIENT_ID: { type: word, about: "The client id at {name}." },
  CLIENT_SECRET: { type: word, isSecret: true, about: "The client secret at {name}." },
  TENANT_ID: { type: word, about: "The id of your directory, a GUID. `ENTRA_ISSUER` can take its place." },
  ISSUER: { type: providerIssuer, about: "The issuer URL, below which the discovery document is." },
  BASE_URL: {
    type: issuerUrl,
    about: "Another address for {name}, such as an enterprise server or an imitation in tests.",
  },
  ADDITIONAL_CLIENT_IDS: {
    type: clientIds,
    default: "",
    about: "Client ids of native apps whose id_tokens are accepted too, separated by commas.",
  },
  TRUST_EMAIL: {
    type: flag,
    default: "false",
    example: "",
    about:
      "`true` if {name} is authoritative for every address that it names. Its `email_verified` then links identities to accounts.",
  },
} as const satisfies Readonly<Record<string, Omit<Setting, "name">>>;

type Suffix = keyof typeof suffixes;

/** The settings of each kind, without prefix: those that are required together, and the optional ones. */
const kinds: Readonly<Record<ProviderKind, { required: readonly Suffix[]; optional: readonly Suffix[] }>> = {
  google: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["ISSUER", "ADDITIONAL_CLIENT_IDS"] },
  entra: { required: ["TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"], optional: ["ISSUER", "ADDITIONAL_CLIENT_IDS"] },
  facebook: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["BASE_URL"] },
  github: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["BASE_URL"] },
  oidc: { required: ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"], optional: ["ADDITIONAL_CLIENT_IDS", "TRUST_EMAIL"] },
};

/** The providers with built-in setting names, in the order in which they are listed. */
export const builtInProviders = ["google", "entra", "facebook", "github"] as const;

/** Names that no OpenID issuer may have: `providers` is a path of its own. */
const takenNames: ReadonlySet<string> = new Set([...builtInProviders, "providers"]);

const displayNames: Readonly<Record<ProviderKind, string>> = {
  google: "Google",
  entra: "Microsoft Entra ID",
  facebook: "Facebook",
  github: "GitHub",
  oidc: "the OpenID Connect issuer",
};

/** The settings of all providers; `OIDC_ACME_…` is the example for any OpenID issuer. */
export const providerFamily: Family<{ readonly providers: readonly ProviderSettings[] }> = {
  settings: [...builtInProviders, "oidc" as const].flatMap(documented),
  read(environment, isProduction) {
    const builtIn = builtInProviders.map((kind) => readProvider(environment, { kind, prefix: kind.toUpperCase() }));
    const own = oidcPrefixes(environment).map((prefix) => readProvider(environment, { kind: "oidc", prefix }));
    const read = [...builtIn, ...own];
    const providers = read.flatMap(({ provider }) => provider ?? []);
    return {
      values: { providers },
      faults: [...read.flatMap(({ faults }) => faults), ...(isProduction ? plainFaults(providers) : [])],
      idle: providers.flatMap(idleTenant),
    };
  },
};

function documented(kind: ProviderKind): Setting[] {
  return suffixesOf(kind).map((suffix) => documentedSetting(kind, suffix));
}

function documentedSetting(kind: ProviderKind, suffix: Suffix): Setting {
  const prefix = kind === "oidc" ? "OIDC_ACME" : kind.toUpperCase();
  const isRequired = kinds[kind].required.includes(suffix);
  const isElsewhere = !isRequired && (suffix === "ISSUER" || suffix === "BASE_URL");
  return {
    ...suffixes[suffix],
    name: `${prefix}_${suffix}`,
    about: suffixes[suffix].about.replace("{name}", displayNames[kind]),
    isExample: kind === "oidc",
    required: isRequired ? { when: `with ${prefix}_…` } : undefined,
    defaultText: isElsewhere ? "the provider's own" : undefined,
  };
}

/** The settings that begin with a prefix. */
function named(prefix: string) {
  const settings = Object.entries(suffixes).map(([suffix, one]) => [suffix, { ...one, name: `${prefix}_${suffix}` }]);
  return Object.fromEntries(settings) as { [S in Suffix]: (typeof suffixes)[S] & { readonly name: string } };
}

function suffixesOf(kind: ProviderKind): readonly Suffix[] {
  return [...kinds[kind].required, ...kinds[kind].optional];
}

/** The prefixes `OIDC_<NAME>` that have a value in the environment. */
function oidcPrefixes(environment: Environment): string[] {
  const ends = suffixesOf("oidc").map((suffix) => `_${suffix}`);
  const prefixes = Object.keys(environment).flatMap((name) => {
    const end = ends.find((text) => name.endsWith(text));
    const prefix = end === undefined || !environment[name] ? "" : name.slice(0, -end.length);
    return /^OIDC_\w+$/.test(prefix) ? prefix : [];
  });
  return [...new Set(prefixes)].toSorted();
}

function readProvider(
  environment: Environment,
  { kind, prefix }: { kind: ProviderKind; prefix: string },
): { provider?: ProviderSettings; faults: SettingFault[] } {
  const settings = named(prefix);
  const own = suffixesOf(kind).map((suffix) => settings[suffix].name);
  const given = Object.fromEntries(own.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
  if (Object.keys(given).length === 0) return { faults: [] };
  const name = kind === "oidc" ? prefix.slice("OIDC_".length).toLowerCase() : kind;
  const faults: SettingFault[] = [
    ...missing(kind, prefix, given).map((missed) => [missed, `is required: ${prefix}_… is only half set`] as const),
    ...nameFaults(kind, { name, prefix }),
    ...strangers(environment, { kind, prefix }),
  ];
  const parsed = parseSettings(settings, given);
  if (parsed.faults.length > 0) return { faults: [...faults, ...parsed.faults] };
  const { CLIENT_ID: clientId = "", CLIENT_SECRET: clientSecret = "", ...values } = parsed.values;
  const provider: ProviderSettings = {
    kind,
    name,
    clientId,
    clientSecret,
    issuer: values.ISSUER,
    baseUrl: values.BASE_URL,
    tenantId: values.TENANT_ID,
    additionalClientIds: values.ADDITIONAL_CLIENT_IDS,
    trustsEmail: values.TRUST_EMAIL,
  };
  return { provider, faults: [...faults, ...tenantFaults(provider)] };
}

/** Settings that belong to another kind of provider, and misspelt ones. */
function strangers(environment: Environment, { kind, prefix }: { kind: ProviderKind; prefix: string }): SettingFault[] {
  const known = new Set<string>(suffixesOf(kind).map((suffix) => `${prefix}_${suffix}`));
  const others = Object.keys(suffixes).map((suffix) => `${prefix}_${suffix}`);
  const strange = others.filter((name) => environment[name] && !known.has(name));
  // OIDC_ACME_2_… also begins with OIDC_ACME_….
  const longer = oidcPrefixes(environment).filter(
    (other) => other.startsWith(`${prefix}_`) && environment[`${other}_ISSUER`],
  );
  const isOwn = (name: string) => !longer.some((other) => name.startsWith(`${other}_`));
  const rest = Object.entries(environment).filter(([name]) => name.startsWith(`${prefix}_`) && isOwn(name));
  return [
    ...strange.map((name) => [name, `is not a setting of ${kind === "oidc" ? "an OpenID issuer" : kind}`] as const),
    // No other program's variable begins with the name of an issuer that is set up here. Misspelt settings of built-in
    // providers are found with all the others.
    ...(kind === "oidc" ? misspeltSettings(Object.fromEntries(rest), [...known]) : []),
  ];
}

function missing(kind: ProviderKind, prefix: string, given: Environment): string[] {
  // Entra's issuer names the directory too.
  const isNamed = (name: string) => name in given || (name === "ENTRA_TENANT_ID" && "ENTRA_ISSUER" in given);
  return kinds[kind].required.map((suffix) => `${prefix}_${suffix}`).filter((name) => !isNamed(name));
}

function nameFaults(kind: ProviderKind, { name, prefix }: { name: string; prefix: string }): SettingFault[] {
  if (kind !== "oidc") return [];
  if (takenNames.has(name)) return [[`${prefix}_…`, `must have another name: "${name}" is taken`]];
  const isName = /^[a-z][a-z\d]*(?:_[a-z\d]+)*$/.test(name) && name.length <= 50 && prefix === prefix.toUpperCase();
  return isName ? [] : [[`${prefix}_…`, "must have a name of capitals, digits and single underscores"]];
}

/** Refused in staging and production: our secret would be sent unencrypted. */
function plainFaults(providers: readonly ProviderSettings[]): SettingFault[] {
  return providers.flatMap(({ kind, name, issuer, baseUrl }): SettingFault[] => {
    if (!(issuer ?? baseUrl)?.startsWith("http:")) return [];
    const prefix = (kind === "oidc" ? `oidc_${name}` : kind).toUpperCase();
    return [[`${prefix}_${issuer === undefined ? "BASE_URL" : "ISSUER"}`, "must be https in production"]];
  });
}

/** A directory's id pins the issuer: `common` would accept the accounts of every directory. */
function tenantFaults({ kind, issuer, tenantId }: ProviderSettings): SettingFault[] {
  const isPinned = kind !== "entra" || tenantId === undefined || issuer !== undefined || isGuid(tenantId);
  return isPinned ? [] : [["ENTRA_TENANT_ID", "must be the id of the directory, a GUID"]];
}

function idleTenant({ issuer, tenantId }: ProviderSettings): SettingFault[] {
  const isIdle = issuer !== undefined && tenantId !== undefined;
  return isIdle ? [["ENTRA_TENANT_ID", "does nothing with ENTRA_ISSUER, which names the directory"]] : [];
}
