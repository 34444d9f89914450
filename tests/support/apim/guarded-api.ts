import { hasDotnet } from "../../../tools/dotnet.ts";
import { startService } from "../service.ts";
import { compileFragments, issuer } from "./fragments.ts";
import type { GatewayAnswer } from "./gateway.ts";

/** What a call comes to that reaches the API. */
export const passed = [200, undefined];
export const refused = [401, "UNAUTHENTICATED"];

/** The service, and a gateway with the fragments in front of an API; without the .NET SDK, whose tests are skipped, no gateway. */
export async function startGuardedApi() {
  const isThere = hasDotnet();
  if (!isThere) console.log("The policies of API Management were not run: they need the .NET SDK 10 (dotnet).");
  const service = await startService();
  /**
   * What lies between gateway and service: whether nothing comes through, what comes instead of a list, and whether it is the
   * release of before that answers, which has no shards.
   */
  const undisturbed = { isAway: false, forged: undefined, isOfBefore: false };
  const network: { isAway: boolean; forged: string | undefined; isOfBefore: boolean } = { ...undisturbed };
  const fetchFromService = async (address: string) => {
    if (network.isAway) return { status: 0, body: "" };
    if (network.isOfBefore && address.includes("/token-status/")) return { status: 404, body: "" };
    const response = await fetch(address.replace(issuer, service.url));
    const isForged = address.includes("/token-status") && network.forged !== undefined;
    return { status: response.status, body: isForged ? String(network.forged) : await response.text() };
  };
  const gatewayOf = isThere ? compileFragments() : undefined;
  const make = () => gatewayOf?.({ now: service.clock.now, fetch: fetchFromService });
  let gateway = make();
  const call = async (token?: string, headers = {}): Promise<GatewayAnswer> => {
    const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await gateway?.handle({ ...bearer, ...headers });
    if (!answer) throw new Error("no gateway");
    return answer;
  };
  return {
    isThere,
    service,
    network,
    call,
    /** The status of a call, and the code of its error. */
    outcome: async (token?: string, headers = {}) => {
      const { status, body } = await call(token, headers);
      return [status, body === "" ? undefined : (JSON.parse(body) as { error_code: string }).error_code];
    },
    /** A new gateway, which knows nothing, and a network that does what it should. */
    renew(): void {
      Object.assign(network, undisturbed);
      gateway = make();
    },
    /** What the gateway has fetched. */
    fetched: () => gateway?.fetched ?? [],
    /** Puts something into the gateway's cache. */
    poison: (key: string, value: string) => gateway?.poison(key, value),
  };
}
