import { about, at, listAt, ofType, unmet, type Demand, type Deployment, type Resource } from "./resources.ts";

const site = "Microsoft.Web/sites";
const sql = "Microsoft.Sql/servers";
const storage = "Microsoft.Storage/storageAccounts";
const vault = "Microsoft.KeyVault/vaults";

/** The service's data stores, and the parts of them that private endpoints connect to. */
const stores: Readonly<Record<string, readonly string[]>> = {
  [sql]: ["sqlServer"],
  [storage]: ["blob", "queue"],
  [vault]: ["vault"],
};

/** Of these parts, those that a resource has: not every storage account has queues. */
function partsOf(deployment: Deployment, { name, type }: Resource, parts: readonly string[]): readonly string[] {
  const hasQueues = ofType(deployment, `${storage}/queueServices`).some((service) =>
    service.name.startsWith(`${name}/`),
  );
  return type === storage && !hasQueues ? parts.filter((part) => part !== "queue") : parts;
}

/**
 * The database must have no firewall rule, because rules outlive their purpose; least of all 0.0.0.0, which means all
 * of Azure.
 */
export function sqlNeverOpen(deployment: Deployment): string[] {
  return ofType(deployment, `${sql}/firewallRules`).map((rule) => {
    const range = `${String(at(rule, "properties.startIpAddress"))} to ${String(at(rule, "properties.endIpAddress"))}`;
    return about(rule, `opens the database to ${range}`);
  });
}

/** Storage and vault must deny by default, and must not allow IP addresses. */
export function closedByDefault(deployment: Deployment): string[] {
  const demands = [storage, vault].map((type): Demand => ({
    type,
    path: "properties.networkAcls.defaultAction",
    is: ["Deny"],
  }));
  const open = [storage, vault]
    .flatMap((type) => ofType(deployment, type))
    .filter((resource) => listAt(resource, "properties.networkAcls.ipRules").length > 0)
    .map((resource) => about(resource, "allows IP addresses"));
  return [...unmet(deployment, demands), ...open];
}

/**
 * The app must be in a subnet and reach each store from there: by a rule that names the subnet, or by a private
 * endpoint.
 */
export function reachedFromOwnSubnet(deployment: Deployment): string[] {
  return ofType(deployment, site).flatMap((app) => {
    const subnet = at(app, "properties.virtualNetworkSubnetId");
    if (typeof subnet !== "string") return [about(app, "is not in a subnet")];
    return Object.entries(stores).flatMap(([type, parts]) =>
      ofType(deployment, type).flatMap((store) =>
        admitted(deployment, store).every((id) => id === subnet) &&
        isReached(deployment, store, { subnet, parts: partsOf(deployment, store, parts) })
          ? []
          : [about(store, "must be reached from the app's subnet, and from no other")],
      ),
    );
  });
}

/** The subnets that a store allows. */
function admitted(deployment: Deployment, store: Resource): unknown[] {
  if (store.type !== sql)
    return listAt(store, "properties.networkAcls.virtualNetworkRules").map((rule) => at(rule, "id"));
  return ofType(deployment, `${sql}/virtualNetworkRules`)
    .filter(({ name }) => name.startsWith(`${store.name}/`))
    .map((rule) => at(rule, "properties.virtualNetworkSubnetId"));
}

function isReached(
  deployment: Deployment,
  store: Resource,
  { subnet, parts }: { subnet: string; parts: readonly string[] },
): boolean {
  return admitted(deployment, store).includes(subnet) || parts.every((part) => hasEndpoint(deployment, store, part));
}

function hasEndpoint(deployment: Deployment, { id }: Resource, part: string): boolean {
  return ofType(deployment, "Microsoft.Network/privateEndpoints").some((endpoint) =>
    listAt(endpoint, "properties.privateLinkServiceConnections").some(
      (link) =>
        at(link, "properties.privateLinkServiceId") === id && listAt(link, "properties.groupIds").includes(part),
    ),
  );
}

const closed: readonly Demand[] = [
  ...[site, sql, storage, vault].map((type) => ({ type, path: "properties.publicNetworkAccess", is: ["Disabled"] })),
  ...["Microsoft.OperationalInsights/workspaces", "Microsoft.Insights/components"].map((type) => ({
    type,
    path: "properties.publicNetworkAccessForIngestion",
    is: ["Disabled"],
  })),
];

/** For the private profile: no public network anywhere, and a private endpoint to each part. */
export function noPublicNetwork(deployment: Deployment): string[] {
  const unreached = Object.entries({ ...stores, [site]: ["sites"] }).flatMap(([type, parts]) =>
    ofType(deployment, type).flatMap((resource) =>
      partsOf(deployment, resource, parts)
        .filter((part) => !hasEndpoint(deployment, resource, part))
        .map((part) => about(resource, `has no private endpoint for ${part}`)),
    ),
  );
  const addresses = [
    ...ofType(deployment, "Microsoft.Network/publicIPAddresses"),
    ...ofType(deployment, "Microsoft.Cdn/profiles"),
  ];
  return [...unmet(deployment, closed), ...unreached, ...addresses.map((resource) => about(resource, "is public"))];
}
