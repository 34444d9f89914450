import type { CallContext } from "../../context.ts";
import type { Provider } from "../../social/provider.ts";
import { ProviderUnavailable } from "../../social/protocol/refusals.ts";
import { describeError, log } from "../../platform/log.ts";

/** All configured providers. */
export function describeProviders({ services: { social, config } }: CallContext): Promise<DescribedProvider[]> {
  return Promise.all(
    [...social.providers.values()].map(async (provider) => ({
      provider,
      authorizeUrl: `${config.service.issuer}/auth/oauth/${provider.name}/authorize`,
      authorizationEndpoint: await endpointOf(provider),
    })),
  );
}

/** What a client needs to start a sign-in at a provider. */
export interface DescribedProvider {
  readonly provider: Provider;
  /** Where a web page sends its browser. */
  readonly authorizeUrl: string;
  /** Null while the provider is unreachable, so that it does not take the others down with it. */
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
