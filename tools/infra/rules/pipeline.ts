import { about, at, listAt, ofType, type Deployment, type Resource } from "./resources.ts";
import { grantedRoles } from "./roles.ts";

const subscription = /^(?:\/subscriptions\/[\da-f-]+)?\/providers\/Microsoft\.Authorization\/roleAssignments\//;
/** Owner, Contributor, User Access Administrator, Role Based Access Control Administrator. */
const powerful = [
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
];
const [, , ...granting] = powerful;
const owner = powerful[0] ?? "";

/**
 * No pipeline identity may have power over the subscription; one that may grant roles may grant only the template's,
 * and only to services; each GitHub trust covers one place; no identity is where another could change it; our own roles
 * neither grant roles nor read secrets; identities that pull requests can use have only our own roles, which cannot
 * read logs.
 */
export function boundedPipeline(deployment: Deployment): string[] {
  return [
    ...ofType(deployment, "Microsoft.Authorization/roleAssignments").flatMap(assignmentFaults),
    ...ofType(deployment, "Microsoft.Authorization/roleDefinitions").flatMap(definitionFaults),
    ...trustFaults(deployment),
    ...placeFaults(deployment),
    ...strangerFaults(deployment),
  ];
}

function assignmentFaults(assignment: Resource): string[] {
  const role = String(at(assignment, "properties.roleDefinitionId"));
  const has = (ids: readonly string[]) => ids.some((id) => role.includes(id));
  const faults: string[] = [];
  if (has([owner])) faults.push("makes an owner");
  if (has(powerful) && subscription.test(assignment.id)) faults.push("is for the whole subscription");
  if (has(granting)) faults.push(...conditionFaults(assignment));
  return faults.map((fault) => about(assignment, fault));
}

/**
 * Both actions must be restricted, each by its own object: granting by the request, removing by the existing
 * assignment.
 */
function conditionFaults(assignment: Resource): string[] {
  const expected = (["write", "delete"] as const).map((action) => {
    const attribute = `${action === "write" ? "@Request" : "@Resource"}[Microsoft.Authorization/roleAssignments:`;
    const roles = `${attribute}RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {`;
    const service = `${attribute}PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}`;
    return { action, roles, service };
  });
  const condition = String(at(assignment, "properties.condition"));
  // Nothing may be added to the two: one more OR would open both.
  const shape = expected
    .map(
      ({ action, roles, service }) =>
        `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR (${roles}…} AND ${service}))`,
    )
    .join(" AND ");
  const lists = [...condition.matchAll(/GuidEquals \{([^}]*)\}/g)].map(([, list = ""]) => list.split(/, ?/).toSorted());
  const wanted = JSON.stringify(grantedRoles.toSorted());
  const isBound = at(assignment, "properties.conditionVersion") === "2.0";
  return [
    ...(isBound && condition.replaceAll(/(GuidEquals \{)[^}]*/g, "$1…") === shape
      ? []
      : ["grants roles without our condition"]),
    ...(lists.every((list) => JSON.stringify(list) === wanted)
      ? []
      : ["may grant roles that the template does not grant"]),
  ];
}

const forbidden = /^(?:\*|[^/]*\/\*)$|Microsoft\.Authorization|secrets|listKeys|listSecrets/i;

// What `*/read` would include besides resources: logs, and keys of the functions host.
const withheld = [
  "Microsoft.Insights/components/*/read",
  "Microsoft.Insights/logs/*",
  "Microsoft.OperationalInsights/workspaces/query/*",
  "Microsoft.OperationalInsights/workspaces/tables/query/*",
  "Microsoft.Web/sites/functions/*/read",
  "Microsoft.Web/sites/hostruntime/*",
];

function definitionFaults(definition: Resource): string[] {
  return listAt(definition, "properties.permissions").flatMap((one) => {
    const actions = listAt(one, "actions").concat(listAt(one, "dataActions")).map(String);
    const notActions = listAt(one, "notActions");
    const tooMuch = actions.filter((action) => forbidden.test(action));
    const unheld = actions.includes("*/read") ? withheld.filter((action) => !notActions.includes(action)) : [];
    return [...tooMuch, ...unheld].map((action) => about(definition, `may ${action}`));
  });
}

/** The author of a pull request controls what runs as this identity. */
function strangerFaults(deployment: Deployment): string[] {
  const own = ofType(deployment, "Microsoft.Authorization/roleDefinitions").map(({ name }) => name);
  const strangers = ofType(deployment, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials")
    .filter((trust) => String(at(trust, "properties.subject")).endsWith(":pull_request"))
    .map(({ id }) => id.split("/federatedIdentityCredentials/")[0] ?? "");
  return ofType(deployment, "Microsoft.Authorization/roleAssignments")
    .filter((one) => strangers.some((id) => String(at(one, "properties.principalId")).includes(`${id}'`)))
    .filter((one) => !own.some((name) => String(at(one, "properties.roleDefinitionId")).includes(name)))
    .map((one) => about(one, "gives pull requests a role that is not ours"));
}

function trustFaults(deployment: Deployment): string[] {
  return ofType(deployment, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials")
    .filter(
      (trust) =>
        !/^repo:[\w.-]+\/[\w.-]+:(?:environment:\w+|pull_request)$/.test(String(at(trust, "properties.subject"))),
    )
    .map((trust) => about(trust, `trusts ${String(at(trust, "properties.subject"))}`));
}

/** The resource group in an id. */
const groupOf = (id: string) =>
  /resourceGroups\/([^/']+)|resourceId\('[^']*', '([^']+)'/.exec(id)?.slice(1).find(Boolean);

function placeFaults(deployment: Deployment): string[] {
  const governed = new Set(ofType(deployment, "Microsoft.Authorization/roleAssignments").map(({ id }) => groupOf(id)));
  return ofType(deployment, "Microsoft.ManagedIdentity/userAssignedIdentities")
    .filter(({ id }) => governed.has(groupOf(id)))
    .map((identity) => about(identity, "is in a resource group where one of them has rights"));
}
