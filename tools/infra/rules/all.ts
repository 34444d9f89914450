import { enoughConnections } from "./connections.ts";
import { onlyOwnFrontDoor } from "./front-door.ts";
import { entraOnlySql, noSharedKeys } from "./keys.ts";
import { foreseeableNames, legalNames } from "./names.ts";
import { closedByDefault, noPublicNetwork, reachedFromOwnSubnet, sqlNeverOpen } from "./network.ts";
import type { Deployment, Rule } from "./resources.ts";
import { expectedRoles } from "./roles.ts";
import { acceptedSettings, knownSettings, secretsByReference } from "./settings.ts";
import { tls } from "./transport.ts";

/** The profiles: each has a file of parameters of its name, and a committed snapshot. */
export const profiles = ["cheap", "warm", "private", "gateway"] as const;

/** What holds in every profile. */
const everywhere: readonly Rule[] = [
  noSharedKeys,
  entraOnlySql,
  tls,
  sqlNeverOpen,
  closedByDefault,
  reachedFromOwnSubnet,
  onlyOwnFrontDoor,
  expectedRoles,
  knownSettings,
  acceptedSettings,
  secretsByReference,
  enoughConnections,
  legalNames,
  foreseeableNames,
];

/** What our rules find in what a profile deploys. */
export function judge(profile: string, deployment: Deployment): string[] {
  const rules = profile === "private" ? [...everywhere, noPublicNetwork] : everywhere;
  return rules.flatMap((rule) => rule(deployment)).map((finding) => `${profile}: ${finding}`);
}
