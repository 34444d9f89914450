import { about, at, ofType, unmet, type Demand, type Deployment } from "./resources.ts";

/** Resources that could have keys of their own must accept only Entra identities. */
const demands: readonly Demand[] = [
  { type: "Microsoft.Storage/storageAccounts", path: "properties.allowSharedKeyAccess", is: [false] },
  { type: "Microsoft.Storage/storageAccounts", path: "properties.allowBlobPublicAccess", is: [false] },
  { type: "Microsoft.Insights/components", path: "properties.DisableLocalAuth", is: [true] },
  { type: "Microsoft.OperationalInsights/workspaces", path: "properties.features.disableLocalAuth", is: [true] },
  { type: "Microsoft.Communication/communicationServices", path: "properties.disableLocalAuth", is: [true] },
  { type: "Microsoft.KeyVault/vaults", path: "properties.enableRbacAuthorization", is: [true] },
  { type: "Microsoft.KeyVault/vaults", path: "properties.enablePurgeProtection", is: [true] },
  { type: "Microsoft.Web/sites/basicPublishingCredentialsPolicies", path: "properties.allow", is: [false] },
];

/** Keys that a template could request from Azure or contain. */
const keyText =
  /\blist(?:Keys|Secrets|Credentials|\w*Sas|AdminKeys|ConnectionStrings)\b|AccountKey=|SharedAccessKey=|[?&]sig=/i;

/** No shared keys and no passwords: none accepted, none requested, none passed on. */
export function noSharedKeys(deployment: Deployment): string[] {
  const open = ofType(deployment, "Microsoft.Web/sites").flatMap((site) =>
    ["ftp", "scm"]
      .filter(
        (way) =>
          !deployment.resources.some(
            ({ name, type }) => name === `${site.name}/${way}` && type.endsWith("CredentialsPolicies"),
          ),
      )
      .map((way) => about(site, `accepts passwords at ${way}`)),
  );
  const holders = deployment.resources
    .filter((resource) => keyText.test(JSON.stringify([resource.properties, resource.sku])))
    .map((resource) => about(resource, "contains a key"));
  return [...unmet(deployment, demands), ...open, ...holders];
}

/** The database must accept only Entra identities. */
export function entraOnlySql(deployment: Deployment): string[] {
  const passwords = ofType(deployment, "Microsoft.Sql/servers")
    .filter(
      (server) =>
        at(server, "properties.administratorLogin") !== undefined ||
        at(server, "properties.administratorLoginPassword") !== undefined,
    )
    .map((server) => about(server, "has an administrator with a password"));
  const type = "Microsoft.Sql/servers";
  const administrator = "properties.administrators";
  return [
    ...passwords,
    ...unmet(deployment, [
      { type, path: `${administrator}.azureADOnlyAuthentication`, is: [true] },
      { type, path: `${administrator}.administratorType`, is: ["ActiveDirectory"] },
      { type: `${type}/azureADOnlyAuthentications`, path: "properties.azureADOnlyAuthentication", is: [true] },
    ]),
  ];
}
