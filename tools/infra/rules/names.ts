import { about, type Deployment, type Resource } from "./resources.ts";

/** Up to `most` letters, digits and hyphens, starting and ending without a hyphen. */
const hyphened = (most: number) => new RegExp(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,${most - 2}}[A-Za-z0-9])?$`);
const relaxed = (most: number) => new RegExp(`^[A-Za-z0-9](?:[\\w.-]{0,${most - 2}}\\w)?$`);

/**
 * The legal names of each type, by the name's last part. A type that is missing here is a finding, so that nothing new
 * goes unchecked. https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
const legal: Readonly<Record<string, RegExp>> = {
  "Microsoft.Resources/resourceGroups": /^[-\w.()]{0,89}[-\w()]$/,
  "Microsoft.ManagedIdentity/userAssignedIdentities": /^[A-Za-z0-9][\w-]{2,127}$/,
  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": /^[A-Za-z0-9][\w-]{2,119}$/,
  "Microsoft.Authorization/roleDefinitions": /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/,
  "Microsoft.Network/virtualNetworks": relaxed(64),
  "Microsoft.Network/privateEndpoints": relaxed(64),
  "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": relaxed(80),
  "Microsoft.Network/privateDnsZones": /^(?=.{1,63}$)(?:[a-z0-9-]+\.){1,33}[a-z]+$/,
  "Microsoft.Network/privateDnsZones/virtualNetworkLinks": relaxed(80),
  "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies": /^[A-Za-z][A-Za-z0-9]{0,127}$/,
  "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies": relaxed(128),
  "Microsoft.OperationalInsights/workspaces": /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  "Microsoft.Insights/components": relaxed(255),
  "Microsoft.Insights/privateLinkScopes": relaxed(255),
  "Microsoft.Insights/privateLinkScopes/scopedResources": relaxed(80),
  "Microsoft.Insights/diagnosticSettings": relaxed(260),
  "Microsoft.Insights/actionGroups": relaxed(260),
  "Microsoft.Insights/scheduledQueryRules": relaxed(260),
  "Microsoft.Authorization/roleAssignments": /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/,
  "Microsoft.Storage/storageAccounts": /^[a-z0-9]{3,24}$/,
  "Microsoft.Storage/storageAccounts/blobServices": /^default$/,
  "Microsoft.Storage/storageAccounts/queueServices": /^default$/,
  "Microsoft.Storage/storageAccounts/queueServices/queues": /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/,
  "Microsoft.Storage/storageAccounts/blobServices/containers": /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies": /^default$/,
  "Microsoft.KeyVault/vaults": /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
  "Microsoft.KeyVault/vaults/secrets": /^[A-Za-z0-9-]{1,127}$/,
  "Microsoft.Sql/servers": /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  "Microsoft.Sql/servers/databases": relaxed(128),
  "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies": /^default$/,
  "Microsoft.Sql/servers/virtualNetworkRules": relaxed(128),
  "Microsoft.Sql/servers/auditingSettings": /^default$/,
  "Microsoft.Web/serverfarms": hyphened(60),
  // Two apps whose names share the first 32 characters would get the same host id.
  "Microsoft.Web/sites": hyphened(32),
  "Microsoft.Web/sites/basicPublishingCredentialsPolicies": /^(?:ftp|scm)$/,
  "Microsoft.Cdn/profiles": hyphened(260),
  "Microsoft.Cdn/profiles/afdEndpoints": hyphened(46),
  "Microsoft.Cdn/profiles/afdEndpoints/routes": hyphened(50),
  "Microsoft.Cdn/profiles/customDomains": hyphened(260),
  "Microsoft.Cdn/profiles/securityPolicies": hyphened(260),
  "Microsoft.Cdn/profiles/originGroups": hyphened(50),
  "Microsoft.Cdn/profiles/originGroups/origins": hyphened(50),
  "Microsoft.ApiManagement/service": /^[A-Za-z](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?$/,
  "Microsoft.ApiManagement/service/apis": hyphened(80),
  "Microsoft.ApiManagement/service/apis/operations": hyphened(80),
  "Microsoft.ApiManagement/service/namedValues": relaxed(256),
  "Microsoft.ApiManagement/service/policyFragments": hyphened(80),
  "Microsoft.ApiManagement/service/products": hyphened(80),
  "Microsoft.ApiManagement/service/products/policies": /^policy$/,
  "Microsoft.Communication/emailServices": hyphened(63),
  "Microsoft.Communication/emailServices/domains": relaxed(253),
  "Microsoft.Communication/communicationServices": hyphened(63),
  "Microsoft.EventGrid/systemTopics": hyphened(50),
  "Microsoft.EventGrid/systemTopics/eventSubscriptions": hyphened(64),
};
const byLowerCase = new Map(Object.entries(legal).map(([type, pattern]) => [type.toLowerCase(), pattern]));

/** Names must be legal for their type. */
export function legalNames({ resources }: Deployment): string[] {
  return resources.flatMap((resource) => {
    const pattern = byLowerCase.get(resource.type.toLowerCase());
    if (!pattern) return [about(resource, "has a type that the rules do not know: see tools/infra/rules/names.ts")];
    return hasExpression(resource) || pattern.test(lastPart(resource))
      ? []
      : [about(resource, "is not a legal name for its type")];
  });
}

/** A name that the compiler leaves partly to Azure may depend only on the names of the cloud that it is in. */
export function foreseeableNames({ resources }: Deployment): string[] {
  return resources
    .filter(
      (resource) =>
        hasExpression(resource) &&
        !/^\[(?:format|environment|concat|'[^']*'|[(){}\d.,\s]|suffixes|storage|sqlServerHostname)+\]$/.test(
          resource.name,
        ),
    )
    .map((resource) => about(resource, "differs from one deployment to the next"));
}

/** The resources that a second deployment with the same parameters would name differently, and so create again. */
export function otherNames(first: Deployment, second: Deployment): string[] {
  const known = new Set(first.resources.map(({ id }) => id));
  return second.resources
    .filter(({ id }) => !known.has(id))
    .map((resource) => about(resource, "gets a different name in another deployment"));
}

/** The same deployment with another stem, which comes from the environment's name. */
export function withStem(deployment: Deployment, { from, to }: { from: string; to: string }): Deployment {
  const bare = (stem: string) => stem.replaceAll("-", "");
  const renamed = (name: string) => name.replaceAll(from, to).replaceAll(bare(from), bare(to));
  return {
    ...deployment,
    resources: deployment.resources.map((resource) => ({ ...resource, name: renamed(resource.name) })),
  };
}

const hasExpression = ({ name }: Resource) => name.startsWith("[");
const lastPart = ({ name, type }: Resource) => (type.split("/").length > 2 ? (name.split("/").at(-1) ?? "") : name);
