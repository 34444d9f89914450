import { about, at, ofType, unmet, type Demand, type Deployment } from "./resources.ts";

const demands: readonly Demand[] = [
  { type: "Microsoft.Storage/storageAccounts", path: "properties.minimumTlsVersion", is: ["TLS1_2", "TLS1_3"] },
  { type: "Microsoft.Storage/storageAccounts", path: "properties.supportsHttpsTrafficOnly", is: [true] },
  { type: "Microsoft.Sql/servers", path: "properties.minimalTlsVersion", is: ["1.2", "1.3"] },
  { type: "Microsoft.Web/sites", path: "properties.httpsOnly", is: [true] },
  { type: "Microsoft.Web/sites", path: "properties.siteConfig.minTlsVersion", is: ["1.2", "1.3"] },
  { type: "Microsoft.Web/sites", path: "properties.siteConfig.scmMinTlsVersion", is: ["1.2", "1.3"] },
  { type: "Microsoft.Web/sites", path: "properties.siteConfig.ftpsState", is: ["Disabled"] },
  {
    type: "Microsoft.Cdn/profiles/customDomains",
    path: "properties.tlsSettings.minimumTlsVersion",
    is: ["TLS12", "TLS13"],
  },
  { type: "Microsoft.Cdn/profiles/afdEndpoints/routes", path: "properties.httpsRedirect", is: ["Enabled"] },
  { type: "Microsoft.Cdn/profiles/afdEndpoints/routes", path: "properties.forwardingProtocol", is: ["HttpsOnly"] },
  { type: "Microsoft.Cdn/profiles/originGroups/origins", path: "properties.enforceCertificateNameCheck", is: [true] },
];

const oldProtocols = ["Gateway.Security.Protocols.", "Gateway.Security.Backend.Protocols."].flatMap((side) =>
  ["Tls10", "Tls11", "Ssl30"].map((protocol) => `Microsoft.WindowsAzure.ApiManagement.${side}${protocol}`),
);

/** TLS 1.2 or later everywhere, and nothing without TLS. */
export function tls(deployment: Deployment): string[] {
  // The v2 tiers support nothing older.
  const gateways = ofType(deployment, "Microsoft.ApiManagement/service").filter(
    (gateway) => !String(at(gateway, "sku.name")).endsWith("V2"),
  );
  const old = gateways.flatMap((gateway) => {
    const properties = at(gateway, "properties.customProperties") as Record<string, unknown> | undefined;
    return oldProtocols
      .filter((name) => properties?.[name] !== "False")
      .map((name) => about(gateway, `${name} is not off`));
  });
  const apis = ofType(deployment, "Microsoft.ApiManagement/service/apis")
    .filter((api) => JSON.stringify(at(api, "properties.protocols")) !== '["https"]')
    .map((api) => about(api, "answers without TLS"));
  return [...unmet(deployment, demands), ...old, ...apis];
}
