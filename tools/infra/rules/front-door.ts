import { about, at, listAt, ofType, type Deployment, type Resource } from "./resources.ts";
import { settingsOf } from "./settings.ts";

/**
 * Behind Front Door the app must allow only that profile and count it as a proxy; without Front Door it must allow
 * everyone. The service tag covers every customer's Front Door: only the header, which Front Door sets, says whose it
 * is.
 */
export function onlyOwnFrontDoor(deployment: Deployment): string[] {
  const profiles = ofType(deployment, "Microsoft.Cdn/profiles");
  return ofType(deployment, "Microsoft.Web/sites").flatMap((app) => {
    const hops = settingsOf(app).get("TRUSTED_PROXY_HOPS");
    const expectedHops = profiles.length > 0 ? "2" : "1";
    const faults = hops === expectedHops ? [] : [about(app, `TRUSTED_PROXY_HOPS is ${hops}, not ${expectedHops}`)];
    return profiles.length === 0 ? faults : faults.concat(restrictionFaults(app, profiles));
  });
}

function restrictionFaults(app: Resource, profiles: readonly Resource[]): string[] {
  const restrictions = listAt(app, "properties.siteConfig.ipSecurityRestrictions");
  const isClosed = at(app, "properties.siteConfig.ipSecurityRestrictionsDefaultAction") === "Deny";
  const isOwn = (rule: unknown) => {
    const ids = listAt(rule, "headers.x-azure-fdid").map(String);
    const isTag = at(rule, "tag") === "ServiceTag" && at(rule, "ipAddress") === "AzureFrontDoor.Backend";
    return (
      isTag &&
      ids.length > 0 &&
      ids.every((id) => id.includes("frontDoorId") && profiles.some((profile) => id.includes(`'${profile.id}'`)))
    );
  };
  if (isClosed && restrictions.length > 0 && restrictions.every(isOwn)) return [];
  return [about(app, "must allow only its own Front Door, by service tag and x-azure-fdid")];
}
