import { loopbackHosts } from "./settings/types.ts";

/**
 * Exempts loopback addresses from the proxy that the environment names: an emulator, a provider on a laptop, and the
 * endpoint that issues managed identity tokens, none of which a proxy can reach. Azure's libraries and Node read
 * `NO_PROXY` or `no_proxy`, each in its own order, when their first client is created.
 * @param environment is added to, unless it names no proxy
 */
export function exemptLoopback(environment: Record<string, string | undefined>): void {
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
  if (!proxies.some((name) => environment[name] || environment[name.toLowerCase()])) return;
  const { NO_PROXY: upper, no_proxy: lower, IDENTITY_ENDPOINT: tokens } = environment;
  const own = [...loopbackHosts, URL.parse(tokens ?? "")?.hostname ?? ""];
  environment["NO_PROXY"] = join(upper || lower, own);
  // To Node a single star means everything. To Azure's libraries, which read the other name first, it means nothing.
  environment["no_proxy"] = (lower || upper)?.trim() === "*" ? "*" : join(lower || upper, own);
}

function join(listed: string | undefined, own: readonly string[]): string {
  const names = [...(listed ?? "").split(","), ...own].map((name) => name.trim());
  return [...new Set(names.filter(Boolean))].join(",");
}
