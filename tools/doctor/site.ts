import { parse } from "tldts";

/** Whether browsers send the API's `SameSite` cookies with requests from the app's pages. */
export type Verdict = "same-site" | "cross-site";

export interface SiteReport {
  readonly verdict: Verdict;
  /** Why, in one sentence. */
  readonly reason: string;
  /** What to change if cookies do not work. */
  readonly change?: string;
}

/**
 * Compares two addresses as browsers do (HTML, "same site", including the scheme): same scheme and same registrable
 * domain by the public suffix list, including its private part; or the same host, if there is no such domain.
 */
export function compareSites(app: URL, api: URL): SiteReport {
  const [appName, apiName] = [siteName(app), siteName(api)];
  const isOneName = appName === apiName;
  if (isOneName && app.protocol === api.protocol)
    return { verdict: "same-site", reason: `both belong to ${api.protocol}//${apiName}` };
  return { verdict: "cross-site", ...(isOneName ? ofTwoSchemes : explainTwoNames(app, api)) };
}

/**
 * The registrable domain of an address, or its host if it has none: an IP address, localhost, a public suffix itself.
 */
function siteName({ hostname }: URL): string {
  const { domain } = look(hostname);
  if (domain === null) return hostname;
  // To browsers, a name with a final dot is a different name.
  return hostname.endsWith(".") ? `${domain}.` : domain;
}

const look = (hostname: string) => parse(hostname, { allowPrivateDomains: true });

const inBody = 'have the app request the refresh token in the body ("transport": "body")';

const ofTwoSchemes = {
  reason: "http and https are two sites, even under one name",
  change: `serve both over https, or ${inBody}`,
};

function explainTwoNames(app: URL, api: URL): Omit<SiteReport, "verdict"> {
  const [appDomain, { isPrivate, publicSuffix }] = [look(app.hostname), look(api.hostname)];
  const ownDomain = appDomain.isPrivate ? null : appDomain.domain;
  const place =
    ownDomain === null ? "custom domains under a domain that you own" : `a custom domain, such as api.${ownDomain}`;
  return {
    reason: isPrivate
      ? `${publicSuffix} is a public suffix: every name under it is its own site`
      : `${app.hostname} and ${api.hostname} have no registrable domain in common`,
    change: `${ownDomain === null ? "give both" : "give the API"} ${place}, or ${inBody}`,
  };
}
