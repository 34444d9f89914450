import type { CallContext } from "../../context.ts";
import type { Provider } from "../../social/provider.ts";
import { ProviderUnavailable } from "../../social/protocol/refusals.ts";
import { describeError, log } from "../../platform/log.ts";

/** All providers that are set up. */
export function describeProviders({ services: { social, config } }: CallContext): Promise<DescribedProvider[]> {
  return Promise.all(
    [...social.providers.values()].map(async (provider) => ({
      provider,
      authorizeUrl: `${config.service.issuer}/auth/oauth/${provider.name}/authorize`,
      authorizationEndpoint: await endpointOf(provider),
    })),
  );
}

/** A provider as clients begin with it. */
export interface DescribedProvider {
  readonly provider: Provider;
  /** Where a web page sends its browser. */
  readonly authorizeUrl: string;
  /** Null while it cannot be found out: the provider is away, and the others must not suffer. */
  readonly authorizationEndpoint: string | null;
}

async function endpointOf(provider: Provider): Promise<string | null> {
  try {
    return await provider.authorizationEndpoint();
  } catch (error) {
    if (!(error instanceof ProviderUnavailable)) throw error;
    log("warn", "provider.unavailable", { provider: provider.name, cause: describeError(error) });
    return null;
  }
}
