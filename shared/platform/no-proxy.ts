import { loopbackHosts } from "./settings/types.ts";

/**
 * Keeps calls on this machine from the proxy that the environment names: an emulator, a provider on a laptop, and the endpoint
 * from which the platform gives tokens; no proxy can reach them. Azure's libraries and Node itself read `NO_PROXY` or
 * `no_proxy`, each in an order of its own, when their first client is made.
 * @param environment is added to; left as it is where it names no proxy
 */
export function exemptLoopback(environment: Record<string, string | undefined>): void {
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
  if (!proxies.some((name) => environment[name] || environment[name.toLowerCase()])) return;
  const { NO_PROXY: upper, no_proxy: lower, IDENTITY_ENDPOINT: tokens } = environment;
  const own = [...loopbackHosts, URL.parse(tokens ?? "")?.hostname ?? ""];
  environment["NO_PROXY"] = join(upper || lower, own);
  // A single star means everything to Node, and nothing to Azure's libraries, which look at the other name first.
  environment["no_proxy"] = (lower || upper)?.trim() === "*" ? "*" : join(lower || upper, own);
}

function join(listed: string | undefined, own: readonly string[]): string {
  const names = [...(listed ?? "").split(","), ...own].map((name) => name.trim());
  return [...new Set(names.filter(Boolean))].join(",");
}
