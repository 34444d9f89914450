import { enoughConnections } from "./connections.ts";
import { firewallGuardsAll, firewallSparesSecrets } from "./firewall.ts";
import { onlyOwnFrontDoor } from "./front-door.ts";
import { entraOnlySql, noSharedKeys } from "./keys.ts";
import { foreseeableNames, legalNames } from "./names.ts";
import { closedByDefault, noPublicNetwork, reachedFromOwnSubnet, sqlNeverOpen } from "./network.ts";
import { boundedPipeline } from "./pipeline.ts";
import type { Deployment, Rule } from "./resources.ts";
import { expectedRoles } from "./roles.ts";
import { acceptedSettings, knownSettings, secretsByReference } from "./settings.ts";
import { tls } from "./transport.ts";

/** The profiles; each has a parameters file of its name and a committed snapshot. */
export const profiles = ["cheap", "warm", "private", "gateway"] as const;

/** The rules for every profile. */
const everywhere: readonly Rule[] = [
  noSharedKeys,
  entraOnlySql,
  tls,
  sqlNeverOpen,
  closedByDefault,
  reachedFromOwnSubnet,
  onlyOwnFrontDoor,
  firewallSparesSecrets,
  firewallGuardsAll,
  expectedRoles,
  knownSettings,
  acceptedSettings,
  secretsByReference,
  enoughConnections,
  legalNames,
  foreseeableNames,
];

/** Templates that are deployed separately from the profiles; each has a parameters file of its name and a snapshot. */
export const separate = ["application-gateway-firewall", "pipeline"] as const;

const inSeparate: readonly Rule[] = [firewallSparesSecrets, boundedPipeline, legalNames, foreseeableNames];

/** The findings of our rules in what a profile, or a separate template, deploys. */
export function judge(name: string, deployment: Deployment): string[] {
  const isSeparate = separate.some((other) => other === name);
  const rules = isSeparate ? inSeparate : name === "private" ? [...everywhere, noPublicNetwork] : everywhere;
  return rules.flatMap((rule) => rule(deployment)).map((finding) => `${name}: ${finding}`);
}
