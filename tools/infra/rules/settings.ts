import { loadConfig, sections, settingNames } from "../../../shared/config.ts";
import { settingsOf as declaredIn } from "../../../shared/platform/settings/read.ts";
import { about, at, listAt, ofType, type Deployment, type Resource } from "./resources.ts";

/** Settings that the host and Azure's libraries read, not the service. */
const platformSettings = new Set([
  "AzureWebJobsStorage__blobServiceUri",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
]);

const required = [
  ...platformSettings,
  "AzureWebJobsStorage__credential",
  "AzureWebJobsStorage__clientId",
  "AzureWebJobsStorage__queueServiceUri",
  "ENVIRONMENT",
  "ISSUER",
  "SECRET_KEY",
  "AZURE_CLIENT_ID",
  "DB_SERVER",
  "DB_DATABASE",
  "TRUSTED_PROXY_HOPS",
];

/**
 * Flex Consumption refuses deployments with these:
 * https://learn.microsoft.com/azure/azure-functions/functions-app-settings
 */
const refused =
  /^(?:FUNCTIONS_(?:WORKER_RUNTIME|EXTENSION_VERSION|WORKER_PROCESS_COUNT|WORKER_DYNAMIC_CONCURRENCY_ENABLED|MAX_HTTP_CONCURRENCY)|WEBSITE_(?:NODE_DEFAULT_VERSION|RUN_FROM_PACKAGE|CONTENT\w+|VNET_ROUTE_ALL|TIME_ZONE|SKIP_CONTENTSHARE_VALIDATION|MAX_DYNAMIC_APPLICATION_SCALE_OUT|OVERRIDE_STICKY_\w+)|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|ORYX_\w+)/;
const refusedProperties = [
  "linuxFxVersion",
  "alwaysOn",
  "nodeVersion",
  "functionAppScaleLimit",
  "minimumElasticInstanceCount",
  "preWarmedInstanceCount",
  "vnetRouteAllEnabled",
  "use32BitWorkerProcess",
];

/** The settings of an app, by name; the last one of repeated names. */
export function settingsOf(app: Resource): ReadonlyMap<string, string> {
  return new Map(
    listAt(app, "properties.siteConfig.appSettings").map((entry) => [
      String(at(entry, "name")),
      String(at(entry, "value")),
    ]),
  );
}

const known = new Set([...settingNames, ...platformSettings]);

/**
 * Every setting must be known to the configuration or the platform, every required one present, and none of those that
 * Flex refuses.
 */
export function knownSettings(deployment: Deployment): string[] {
  return ofType(deployment, "Microsoft.Web/sites").flatMap(settingFaults);
}

function settingFaults(app: Resource): string[] {
  const names = [...settingsOf(app).keys()];
  const properties = refusedProperties.filter((name) => at(app, `properties.siteConfig.${name}`) !== undefined);
  const unknown = names.filter((name) => !known.has(name) && !refused.test(name));
  const messages = [
    ...names.filter((name) => refused.test(name)).map((name) => `Flex Consumption refuses ${name}`),
    ...properties.map((name) => `Flex Consumption refuses siteConfig.${name}`),
    ...unknown.map((name) => `the setting ${name} is unknown`),
    ...required.filter((name) => !names.includes(name)).map((name) => `the setting ${name} is missing`),
  ];
  return messages.map((message) => about(app, message));
}

/**
 * The service must start with these settings, as in production; values that only Azure knows are assumed to be right.
 */
export function acceptedSettings(deployment: Deployment): string[] {
  return ofType(deployment, "Microsoft.Web/sites").flatMap((app) => {
    const settings = settingsOf(app);
    const faults = settings.get("ENVIRONMENT") === "production" ? [] : [about(app, "ENVIRONMENT is not production")];
    try {
      loadConfig(Object.fromEntries([...settings].map(([name, value]) => [name, worked(name, value)])));
    } catch (error) {
      faults.push(about(app, error instanceof Error ? error.message : String(error)));
    }
    return faults;
  });
}

/** A placeholder for an expression's value, good enough for the configuration. */
function worked(name: string, value: string): string {
  if (!value.startsWith("[")) return value;
  if (name === "ISSUER" || /(?:Uri|_ENDPOINT)$/.test(name)) return "https://auth.example.com";
  if (name === "AUDIT_ANCHORS_URL") return "https://name.blob.core.windows.net/audit-anchors";
  if (name === "MAIL_FROM") return "noreply@example.com";
  const isGuid = name === "SECRET_KEY" || /client_?id$/i.test(name);
  return isGuid ? "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" : "name.example.com";
}

const declaredSecrets = new Set(declaredIn(sections).flatMap(({ name, isSecret }) => (isSecret ? [name] : [])));
const secretName = /^(?!AzureWebJobsStorage__credential$).*(?:SECRET|PASSWORD|_KEY$|credential)/i;

/** Secrets must come from the vault, read with the app's identity. */
export function secretsByReference(deployment: Deployment): string[] {
  return ofType(deployment, "Microsoft.Web/sites").flatMap(referenceFaults);
}

function referenceFaults(app: Resource): string[] {
  const identities = Object.keys(at(app, "identity.userAssignedIdentities") ?? {});
  const isRead = identities.includes(String(at(app, "properties.keyVaultReferenceIdentity")));
  const plain = [...settingsOf(app)].filter(
    ([name, value]) =>
      (declaredSecrets.has(name) || secretName.test(name)) && !value.includes("@Microsoft.KeyVault(SecretUri="),
  );
  const messages = plain.map(([name]) => `${name} is not a reference to the vault`);
  if (!isRead) messages.push("keyVaultReferenceIdentity is not the app's identity");
  return messages.map((message) => about(app, message));
}
