import type { ApiAnswer, ApiRequest } from "./api.ts";
import { withSettings, type TestServices } from "./service.ts";

/** Turns rate limits on until the test is done. The caller's address is the one that `from` names. */
export function limit(service: TestServices, settings: Record<string, string> = {}): void {
  withSettings(service, { RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "3", ...settings });
}

/** The headers of a call from this address: a proxy's entry follows it, and the host appends the test's own. */
export function from(address: string): Pick<ApiRequest, "headers"> {
  return { headers: { "X-Forwarded-For": `${address}, 10.255.0.1` } };
}

let networks = 0;

/** An address in a network of its own. */
export function newNetwork(): string {
  networks += 1;
  return `10.${networks >> 8}.${networks & 255}.7`;
}

/** The statuses of so many calls, one after the other. */
export async function statusesOf(count: number, call: () => Promise<ApiAnswer>): Promise<number[]> {
  const seen: number[] = [];
  for (let one = 0; one < count; one += 1) seen.push((await call()).status);
  return seen;
}
