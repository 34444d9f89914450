import { readFileSync } from "node:fs";
import path from "node:path";
import { about, at, listAt, ofType, type Deployment, type Resource } from "./resources.ts";

/**
 * The fields that a firewall in front must exclude, by where they are: the single list, which the templates read too.
 */
export interface FirewallFields {
  /** In JSON and in forms. */
  readonly body: readonly string[];
  readonly query: readonly string[];
  readonly cookies: readonly string[];
}

/** Reads `infra/firewall-fields.json`. */
export const firewallFields = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "../../../infra/firewall-fields.json"), "utf8"),
) as FirewallFields;

const { body, query, cookies } = firewallFields;
const named = (place: string, names: readonly string[]) => names.map((name) => `${place} ${name}`);

/** What each kind of policy must exclude, as `location name`. */
const demanded: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies": [
    ...named("RequestBodyJsonArgNames", body),
    ...named("RequestBodyPostArgNames", body),
    ...named("QueryStringArgNames", query),
    ...named("RequestCookieNames", cookies),
  ],
  "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies": [
    ...named("RequestArgNames", [...new Set([...body, ...query])]),
    ...named("RequestCookieNames", cookies),
  ],
};

/**
 * A firewall must block, inspect bodies too, and exclude exactly the fields that no rule can judge, each by its full
 * name.
 */
export function firewallSparesSecrets(deployment: Deployment): string[] {
  return Object.entries(demanded).flatMap(([type, wanted]) =>
    ofType(deployment, type).flatMap((policy) => settingFaults(policy).concat(exclusionFaults(policy, wanted))),
  );
}

function settingFaults(policy: Resource): string[] {
  const settings = at(policy, "properties.policySettings");
  const isOn = [at(settings, "enabledState"), at(settings, "state")].includes("Enabled");
  const isWhole = ["Enabled", true].includes(at(settings, "requestBodyCheck") as string | boolean);
  return [
    ...(isOn && at(settings, "mode") === "Prevention" ? [] : [about(policy, "blocks nothing")]),
    ...(isWhole ? [] : [about(policy, "does not inspect bodies")]),
  ];
}

function exclusionFaults(policy: Resource, wanted: readonly string[]): string[] {
  const sets = listAt(policy, "properties.managedRules.managedRuleSets");
  const shared = listAt(policy, "properties.managedRules.exclusions");
  if (sets.length === 0) return [about(policy, "has no rules")];
  return sets.flatMap((set) => {
    const exclusions = [...shared, ...listAt(set, "exclusions")];
    const found = exclusions.map((one) => `${String(at(one, "matchVariable"))} ${String(at(one, "selector"))}`);
    const loose = exclusions.filter((one) => at(one, "selectorMatchOperator") !== "Equals");
    const messages = [
      ...wanted.filter((field) => !found.includes(field)).map((field) => `does not exclude ${field}`),
      ...found.filter((field) => !wanted.includes(field)).map((field) => `excludes ${field}`),
      ...loose.map((one) => `excludes more than ${String(at(one, "selector"))}`),
    ];
    return messages.map((message) => about(policy, message));
  });
}

/**
 * With a firewall at Front Door, everything must be behind it: every endpoint and domain of the profile, every path.
 */
export function firewallGuardsAll(deployment: Deployment): string[] {
  const policies = ofType(deployment, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies");
  const guards = ofType(deployment, "Microsoft.Cdn/profiles/securityPolicies");
  const doors = ["afdEndpoints", "customDomains"].flatMap((part) =>
    ofType(deployment, `Microsoft.Cdn/profiles/${part}`),
  );
  const guarded = guards.flatMap((guard) => listAt(guard, "properties.parameters.associations"));
  const isGuarded = (door: Resource) =>
    guarded.some(
      (one) => JSON.stringify(at(one, "domains")).includes(door.id) && listAt(one, "patternsToMatch").includes("/*"),
    );
  const premium = ofType(deployment, "Microsoft.Cdn/profiles").filter(
    (profile) => at(profile, "sku.name") === "Premium_AzureFrontDoor",
  );
  if (policies.length === 0) return premium.map((profile) => about(profile, "is Premium but has no firewall"));
  return doors.filter((door) => !isGuarded(door)).map((door) => about(door, "is not behind the firewall"));
}
