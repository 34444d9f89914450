import { enoughConnections } from "../../../tools/infra/rules/connections.ts";
import { firewallGuardsAll, firewallSparesSecrets } from "../../../tools/infra/rules/firewall.ts";
import { onlyOwnFrontDoor } from "../../../tools/infra/rules/front-door.ts";
import { entraOnlySql, noSharedKeys } from "../../../tools/infra/rules/keys.ts";
import { foreseeableNames, legalNames } from "../../../tools/infra/rules/names.ts";
import {
  closedByDefault,
  noPublicNetwork,
  reachedFromOwnSubnet,
  sqlNeverOpen,
} from "../../../tools/infra/rules/network.ts";
import { boundedPipeline } from "../../../tools/infra/rules/pipeline.ts";
import type { Resource, Rule } from "../../../tools/infra/rules/resources.ts";
import { expectedRoles } from "../../../tools/infra/rules/roles.ts";
import { acceptedSettings, knownSettings, secretsByReference } from "../../../tools/infra/rules/settings.ts";
import { tls } from "../../../tools/infra/rules/transport.ts";

/** The templates of `broken`, the rule that each breaks, and what the rule finds there. */
export const cases: readonly (readonly [template: string, Rule, findings: readonly RegExp[]])[] = [
  [
    "keys",
    noSharedKeys,
    [
      /storageAccounts account: properties.allowSharedKeyAccess is true/,
      /storageAccounts account: properties.allowBlobPublicAccess is true/,
      /components insights: properties.DisableLocalAuth/,
      /workspaces workspace: properties.features.disableLocalAuth/,
      /communicationServices communication: properties.disableLocalAuth/,
      /vaults vault: properties.enableRbacAuthorization/,
      /vaults vault: properties.enablePurgeProtection/,
      /CredentialsPolicies app\/ftp: properties.allow is true/,
      /sites app: accepts passwords at scm/,
      /sites app: contains a key/,
    ],
  ],
  [
    "keys",
    entraOnlySql,
    [/servers server: has an administrator with a password/, /azureADOnlyAuthentication is false, not true/],
  ],
  [
    "transport",
    tls,
    [
      /storageAccounts account: properties.minimumTlsVersion is "TLS1_1"/,
      /storageAccounts account: properties.supportsHttpsTrafficOnly is false/,
      /servers server: properties.minimalTlsVersion is "None"/,
      /sites app: properties.httpsOnly is false/,
      /sites app: properties.siteConfig.minTlsVersion is "1.1"/,
      /sites app: properties.siteConfig.scmMinTlsVersion is undefined/,
      /sites app: properties.siteConfig.ftpsState is "FtpsOnly"/,
      /service gateway: .*Gateway.Security.Protocols.Tls10 is not off/,
      /service gateway: .*Gateway.Security.Backend.Protocols.Ssl30 is not off/,
      /apis gateway\/plain: answers without TLS/,
      /customDomains profile\/domain: properties.tlsSettings.minimumTlsVersion is "TLS10"/,
    ],
  ],
  ["network", sqlNeverOpen, [/firewallRules server\/azure: opens the database to 0\.0\.0\.0 to 0\.0\.0\.0/]],
  [
    "network",
    closedByDefault,
    [
      /storageAccounts account: properties.networkAcls.defaultAction is "Allow"/,
      /storageAccounts account: allows IP addresses/,
    ],
  ],
  [
    "network",
    reachedFromOwnSubnet,
    [/sites lost: is not in a subnet/, /servers server: must be reached/, /vaults vault: must be reached/],
  ],
  [
    "network",
    noPublicNetwork,
    [
      /sites app: properties.publicNetworkAccess is "Enabled"/,
      /servers server: properties.publicNetworkAccess is undefined/,
      /workspaces workspace: properties.publicNetworkAccessForIngestion is "Enabled"/,
      /storageAccounts account: has no private endpoint for queue/,
      /sites app: has no private endpoint for sites/,
      /publicIPAddresses address: is public/,
    ],
  ],
  [
    "front-door",
    onlyOwnFrontDoor,
    [
      /sites open: must allow only its own Front Door/,
      /sites any: must allow only its own Front Door/,
      /sites another: must allow only its own Front Door/,
      /sites uncounted: TRUSTED_PROXY_HOPS is 1, not 2/,
    ],
  ],
  [
    "firewall",
    firewallSparesSecrets,
    [
      /Policies wide: blocks nothing/,
      /Policies wide: does not inspect bodies/,
      /Policies wide: does not exclude RequestBodyJsonArgNames (?!password)\w+/,
      /Policies wide: does not exclude RequestBodyPostArgNames \w+/,
      /Policies wide: does not exclude QueryStringArgNames \w+/,
      /Policies wide: does not exclude RequestCookieNames \w+/,
      /Policies wide: excludes RequestBodyJsonArgNames username/,
      /Policies wide: excludes more than password/,
      /Policies bare: does not exclude RequestArgNames password/,
      /Policies bare: does not exclude RequestArgNames \w+/,
      /Policies bare: does not exclude RequestCookieNames __Host-refresh_token/,
      /Policies bare: does not exclude RequestCookieNames (?:__Host-)?latchkey_device/,
      /Policies bare: does not exclude RequestCookieNames refresh_token/,
      /Policies bare: does not exclude RequestCookieNames (?:__Host-)?mfa_(?:token|remembered)/,
      /Policies bare: does not exclude RequestCookieNames (?:__Host-)?oauth_attempt_\d/,
    ],
  ],
  [
    "firewall",
    firewallGuardsAll,
    [/afdEndpoints profile\/open: is not behind/, /afdEndpoints profile\/partly: is not behind/],
  ],
  ["firewall-missing", firewallGuardsAll, [/profiles unguarded: is Premium but has no firewall/]],
  [
    "roles",
    expectedRoles,
    [
      /no role assignment Microsoft.Storage\/storageAccounts: b7e6dc6d/,
      /is not expected: Microsoft.KeyVault\/vaults: b24988ac/,
      /is not expected: \/subscriptions\/[\d-]+\/resourceGroups\/roles: 4633458b/,
      /is not for the identity of the app/,
      /is not for the identity of Event Grid's topic/,
    ],
  ],
  [
    "pipeline",
    boundedPipeline,
    [
      /roleAssignments [\da-f-]+: makes an owner/,
      /roleAssignments [\da-f-]+: grants roles without our condition/,
      /roleAssignments [\da-f-]+: may grant roles that the template does not grant/,
      /roleDefinitions [\da-f-]+: may \*$/m,
      /roleDefinitions [\da-f-]+: may Microsoft.Authorization\/roleAssignments\/write/,
      /roleDefinitions [\da-f-]+: may Microsoft.KeyVault\/vaults\/secrets\/getSecret\/action/,
      /federatedIdentityCredentials near\/any-branch: trusts repo:owner\/repository:ref:refs\/heads\/anything/,
      /userAssignedIdentities near: is in a resource group where one of them has rights/,
      /userAssignedIdentities anybody: is in a resource group where one of them has rights/,
      /roleAssignments [\da-f-]+: gives pull requests a role that is not ours/,
      /roleDefinitions [\da-f-]+: may Microsoft.Insights\/components\/\*\/read/,
    ],
  ],
  [
    "settings",
    knownSettings,
    [
      /Flex Consumption refuses FUNCTIONS_WORKER_RUNTIME/,
      /Flex Consumption refuses siteConfig.linuxFxVersion/,
      /the setting BODY_LIMIT_KIBB is unknown/,
      /the setting AzureWebJobsStorage__blobServiceUri is missing/,
      /the setting ISSUER is missing/,
    ],
  ],
  ["settings", acceptedSettings, [/ENVIRONMENT is not production/, /SECRET_KEY must have 32 characters/]],
  [
    "settings",
    secretsByReference,
    [/SECRET_KEY is not a reference/, /keyVaultReferenceIdentity is not the app's identity/],
  ],
  ["connections", enoughConnections, [/databases server\/latchkey: allows 72 connections, but up to 80 may be opened/]],
  [
    "names",
    legalNames,
    [
      /vaults kv-a--b: is not a legal name/,
      /sites func-stem-0123456789-and-some-more: is not a legal name/,
      /redis cache: has a type that the rules do not know/,
    ],
  ],
  ["names", foreseeableNames, [/storageAccounts .*utcNow.*: differs from one deployment to the next/]],
];

/** Whether a resource is of a template: each has a group of its name. An id that holds an expression names the group in quotes. */
export const isIn = (template: string) => (resource: Resource) =>
  [`/resourceGroups/${template}/`, `'${template}'`].some((part) => resource.id.includes(part));
