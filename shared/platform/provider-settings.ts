import * as z from "zod";
import { misspeltSettings } from "./misspelt-settings.ts";
import { clientIds, flag, isGuid, issuerUrl, providerIssuer, word } from "./setting-types.ts";

/** What kind of social provider it is: each has a file of its own in `shared/social`. */
export type ProviderKind = "google" | "entra" | "facebook" | "github" | "oidc";

/** A social provider as the settings name it. */
export interface ProviderSettings {
  readonly kind: ProviderKind;
  /** As it stands in the path: `/auth/oauth/{name}`. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of an OpenID provider: where its discovery document is; undefined for the provider's own. */
  readonly issuer: string | undefined;
  /** Of another provider: where its endpoints are; undefined for the provider's own. */
  readonly baseUrl: string | undefined;
  /** The directory of Microsoft Entra ID. */
  readonly tenantId: string | undefined;
  /** Further audiences whose id_tokens are taken: those of native apps. */
  readonly additionalClientIds: readonly string[];
  /** Whether the issuer's `email_verified` is believed. */
  readonly trustsEmail: boolean;
}

const settingTypes = {
  CLIENT_ID: word.optional(),
  CLIENT_SECRET: word.optional(),
  TENANT_ID: word.optional(),
  ISSUER: providerIssuer.optional(),
  BASE_URL: issuerUrl.optional(),
  ADDITIONAL_CLIENT_IDS: clientIds,
  TRUST_EMAIL: flag,
} as const;

type Suffix = keyof typeof settingTypes;
type Fault = readonly [setting: string, rule: string];
type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of each kind, without the prefix: those that go together, and those that may be left out. */
const kinds: Readonly<Record<ProviderKind, { required: readonly Suffix[]; optional: readonly Suffix[] }>> = {
  google: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["ISSUER", "ADDITIONAL_CLIENT_IDS"] },
  entra: { required: ["TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"], optional: ["ISSUER", "ADDITIONAL_CLIENT_IDS"] },
  facebook: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["BASE_URL"] },
  github: { required: ["CLIENT_ID", "CLIENT_SECRET"], optional: ["BASE_URL"] },
  oidc: { required: ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"], optional: ["ADDITIONAL_CLIENT_IDS", "TRUST_EMAIL"] },
};

/** The providers that have settings of their own name, in the order in which they are listed. */
export const builtInProviders = ["google", "entra", "facebook", "github"] as const;

/** What no OpenID issuer may be named: `providers` is an address of its own. */
const takenNames: ReadonlySet<string> = new Set([...builtInProviders, "providers"]);

/** The names of all settings of providers; those of any OpenID issuer by the pattern `OIDC_ACME_…`. */
export const providerSettingNames = [...builtInProviders, "oidc" as const].flatMap((kind) =>
  suffixesOf(kind).map((suffix) => `${kind === "oidc" ? "OIDC_ACME" : kind.toUpperCase()}_${suffix}`),
);

/** Reads the settings of all providers. @returns those that are set, what is wrong with any, and what does nothing */
export function readProviders(
  environment: Environment,
  { isProduction }: { isProduction: boolean },
): { providers: ProviderSettings[]; faults: Fault[]; idle: Fault[] } {
  const builtIn = builtInProviders.map((kind) => readProvider(environment, { kind, prefix: kind.toUpperCase() }));
  const own = oidcPrefixes(environment).map((prefix) => readProvider(environment, { kind: "oidc", prefix }));
  const read = [...builtIn, ...own];
  const providers = read.flatMap(({ provider }) => provider ?? []);
  return {
    providers,
    faults: [...read.flatMap(({ faults }) => faults), ...(isProduction ? plainFaults(providers) : [])],
    idle: providers.flatMap(idleTenant),
  };
}

function suffixesOf(kind: ProviderKind): readonly Suffix[] {
  return [...kinds[kind].required, ...kinds[kind].optional];
}

/** The prefixes `OIDC_<NAME>` that stand in the environment with a value. */
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
): { provider?: ProviderSettings; faults: Fault[] } {
  const given = Object.fromEntries(
    suffixesOf(kind).flatMap((suffix) => {
      const value = environment[`${prefix}_${suffix}`];
      return value ? [[suffix, value]] : [];
    }),
  );
  if (Object.keys(given).length === 0) return { faults: [] };
  const name = kind === "oidc" ? prefix.slice("OIDC_".length).toLowerCase() : kind;
  const faults: Fault[] = [
    ...missing(kind, given).map((suffix) => [`${prefix}_${suffix}`, `is required: ${prefix}_… is half set`] as const),
    ...nameFaults(kind, { name, prefix }),
    ...strangers(environment, { kind, prefix }),
  ];
  const parsed = z.object(settingTypes).safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => [`${prefix}_${issue.path.join(".")}`, issue.message] as const);
    return { faults: [...faults, ...wrong] };
  }
  const { CLIENT_ID: clientId = "", CLIENT_SECRET: clientSecret = "", ...values } = parsed.data;
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

/** Settings of other kinds of providers, and misspelt ones, beside those of one that is set up. */
function strangers(environment: Environment, { kind, prefix }: { kind: ProviderKind; prefix: string }): Fault[] {
  const known = new Set<string>(suffixesOf(kind).map((suffix) => `${prefix}_${suffix}`));
  const others = Object.keys(settingTypes).map((suffix) => `${prefix}_${suffix}`);
  const strange = others.filter((name) => environment[name] && !known.has(name));
  // OIDC_ACME_2_… begin as OIDC_ACME_… do.
  const longer = oidcPrefixes(environment).filter(
    (other) => other.startsWith(`${prefix}_`) && environment[`${other}_ISSUER`],
  );
  const isOwn = (name: string) => !longer.some((other) => name.startsWith(`${other}_`));
  const rest = Object.entries(environment).filter(([name]) => name.startsWith(`${prefix}_`) && isOwn(name));
  return [
    ...strange.map((name) => [name, `is no setting of ${kind === "oidc" ? "an OpenID issuer" : kind}`] as const),
    // Nobody else's variable begins with the name of an issuer that is set up here; those of the others are told with all.
    ...(kind === "oidc" ? misspeltSettings(Object.fromEntries(rest), [...known]) : []),
  ];
}

function missing(kind: ProviderKind, given: Readonly<Record<string, string>>): Suffix[] {
  // Entra's directory is named by its issuer, too.
  const isNamed = (suffix: Suffix) => suffix in given || (suffix === "TENANT_ID" && "ISSUER" in given);
  return kinds[kind].required.filter((suffix) => !isNamed(suffix));
}

function nameFaults(kind: ProviderKind, { name, prefix }: { name: string; prefix: string }): Fault[] {
  if (kind !== "oidc") return [];
  if (takenNames.has(name)) return [[`${prefix}_…`, `must have another name: "${name}" is taken`]];
  const isName = /^[a-z][a-z\d]*(?:_[a-z\d]+)*$/.test(name) && name.length <= 50 && prefix === prefix.toUpperCase();
  return isName ? [] : [[`${prefix}_…`, "must have a name of capitals, digits and single underscores"]];
}

/** What staging and production refuse: our secret would go out in clear. */
function plainFaults(providers: readonly ProviderSettings[]): Fault[] {
  return providers.flatMap(({ kind, name, issuer, baseUrl }): Fault[] => {
    if (!(issuer ?? baseUrl)?.startsWith("http:")) return [];
    const prefix = (kind === "oidc" ? `oidc_${name}` : kind).toUpperCase();
    return [[`${prefix}_${issuer === undefined ? "BASE_URL" : "ISSUER"}`, "must be https in production"]];
  });
}

/** A directory's id pins the issuer: `common` would take the accounts of every directory there is. */
function tenantFaults({ kind, issuer, tenantId }: ProviderSettings): Fault[] {
  const isPinned = kind !== "entra" || tenantId === undefined || issuer !== undefined || isGuid(tenantId);
  return isPinned ? [] : [["ENTRA_TENANT_ID", "must be the id of the directory, a GUID"]];
}

function idleTenant({ issuer, tenantId }: ProviderSettings): Fault[] {
  const isIdle = issuer !== undefined && tenantId !== undefined;
  return isIdle ? [["ENTRA_TENANT_ID", "does nothing with ENTRA_ISSUER, which names the directory"]] : [];
}
