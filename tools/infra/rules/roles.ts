import { about, at, ofType, type Deployment, type Resource } from "./resources.ts";

/** The roles of the app's identity, each for one resource of this type, as `type: role`. Any other is wrong. */
const expected: Readonly<Record<string, string>> = {
  "Microsoft.Storage/storageAccounts: b7e6dc6d-f1e8-4753-8033-0f276bb0955b":
    "Storage Blob Data Owner, which the functions host needs",
  "Microsoft.Storage/storageAccounts: 974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
  "Microsoft.Storage/storageAccounts/blobServices/containers: ba92f5b4-2d11-453d-a403-e96b0029c9fe":
    "Storage Blob Data Contributor, for the anchors of the audit log",
  "Microsoft.Communication/communicationServices: 09976791-48a7-449e-bb21-39d1a415f350":
    "Communication and Email Service Owner, where there is one",
  "Microsoft.KeyVault/vaults: 4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
  "Microsoft.Insights/components: 3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
};

/** The role of the identity that deploys packages, if another one provisions: for an app and nothing else. */
const ofDeployer = "Microsoft.Web/sites: de139f84-1756-47ae-9be6-808fbbe84772";

/** The role of Event Grid, by which it puts delivery reports into a queue and reads none: for its own identity. */
const ofReports = "Microsoft.Storage/storageAccounts: c6a89b2d-59bc-44d0-9896-0f6e12d7b80a";

/** The ids of all roles that the template grants. */
export const grantedRoles: readonly string[] = [...Object.keys(expected), ofDeployer, ofReports].map(
  (key) => key.split(": ")[1] ?? "",
);

const someone = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Every role assignment must be expected, for the app's identity, and at the resource itself; and none may be missing.
 */
export function expectedRoles(deployment: Deployment): string[] {
  const assignments = ofType(deployment, "Microsoft.Authorization/roleAssignments");
  const identities = ofType(deployment, "Microsoft.ManagedIdentity/userAssignedIdentities");
  const topics = ofType(deployment, "Microsoft.EventGrid/systemTopics");
  const found = new Set(assignments.map(keyOf));
  const missing = Object.entries(expected)
    .filter(([key]) => !found.has(key) && !isUnneeded(deployment, key))
    .map(([key, role]) => `no role assignment ${key} (${role})`);
  const wrong = assignments.flatMap((assignment) => {
    if (keyOf(assignment) === ofDeployer)
      return someone.test(String(at(assignment, "properties.principalId")))
        ? []
        : [about(assignment, "is not for the identity that deploys")];
    if (keyOf(assignment) === ofReports)
      return isOf(topics, assignment) ? [] : [about(assignment, "is not for the identity of Event Grid's topic")];
    if (expected[keyOf(assignment)] === undefined) return [about(assignment, `is not expected: ${keyOf(assignment)}`)];
    return isOf(identities, assignment) ? [] : [about(assignment, "is not for the identity of the app")];
  });
  return [...missing, ...wrong];
}

/** Whether a role is for mail, which need not be sent from Azure. */
function isUnneeded(deployment: Deployment, key: string): boolean {
  const mail = "Microsoft.Communication/communicationServices";
  return key.startsWith(mail) && ofType(deployment, mail).length === 0;
}

/** Whether an assignment is for the identity of one of these resources. */
function isOf(resources: readonly Resource[], assignment: Resource): boolean {
  const principal = String(at(assignment, "properties.principalId"));
  return resources.some(({ id }) => principal.includes(`'${id}'`) && principal.endsWith(".principalId]"));
}

/** `type of the scope: role`. */
function keyOf(assignment: Resource): string {
  const scope = assignment.id.split("/providers/Microsoft.Authorization/roleAssignments/")[0] ?? "";
  const [, provider, path = ""] = /\/providers\/([^/]+)\/(.+)$/.exec(scope) ?? [];
  // Types and names take turns.
  const parts = path.split("/");
  const types = parts.filter((_part, place) => place % 2 === 0);
  const isResource = provider !== undefined && parts.length % 2 === 0;
  const role = String(at(assignment, "properties.roleDefinitionId")).split("/").at(-1);
  return `${isResource ? [provider, ...types].join("/") : scope}: ${role}`;
}
