import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { firewallFields } from "../infra/rules/firewall.ts";
import { hasModules, launchApache, type Apache } from "./apache.ts";

const ruleSet = "/usr/share/modsecurity-crs/rules";
const setup = "/etc/modsecurity/crs/crs-setup.conf";

/** Whether ModSecurity with OWASP's Core Rule Set is installed from Debian's packages. */
export function hasFirewall(): boolean {
  return hasModules("security2", "proxy_http") && existsSync(ruleSet) && existsSync(setup);
}

/**
 * The ModSecurity lines, after the rule set, that exclude our fields: the same list as in Azure's policies. JSON
 * members are named `json.NAME`, form members just `NAME`.
 */
export function modSecurityExclusions(): string[] {
  const { body, query, cookies } = firewallFields;
  const args = [...new Set([...body, ...query])].map((name) => `ARGS:${name}`);
  const targets = [
    ...args,
    ...body.map((name) => `ARGS:json.${name}`),
    ...cookies.map((name) => `REQUEST_COOKIES:${name}`),
  ];
  return targets.map((target) => `SecRuleUpdateTargetByTag "OWASP_CRS" "!${target}"`);
}

export interface FirewallOptions {
  readonly folder: string;
  /** The address of the service behind the firewall. */
  readonly upstream: string;
  /** 1 is the default of the rule set, and Azure's. */
  readonly paranoia: 1 | 2;
  /** Lines after the rule set. */
  readonly exclusions: readonly string[];
}

/** Starts OWASP's Core Rule Set on Apache in front of a service, on loopback. @throws Error if it does not start */
export function startFirewall({ folder, upstream, paranoia, exclusions }: FirewallOptions): Promise<Apache> {
  const data = path.join(folder, "data");
  mkdirSync(data, { recursive: true, mode: 0o777 });
  return launchApache({
    folder,
    modules: ["unique_id", "proxy", "proxy_http", "security2"],
    lines: [
      "SecRuleEngine On",
      "SecRequestBodyAccess On",
      "SecAuditEngine Off",
      `SecDataDir ${data}`,
      `SecTmpDir ${data}`,
      'SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:1,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"',
      `Include ${setup}`,
      `SecAction "id:2,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level=${paranoia}"`,
      `Include ${ruleSet}/*.conf`,
      ...exclusions,
      `ProxyPass / ${upstream}/`,
    ],
  });
}
