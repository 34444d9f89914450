import type { CallContext } from "../../context.ts";
import type { AppGrant, Provider, ProviderProfile } from "../../social/provider.ts";
import { callbackUrl } from "../../social/providers/providers.ts";
import { ProviderTokenInvalid } from "../../social/protocol/refusals.ts";
import { allowedRedirect } from "../../social/redirect-targets.ts";
import { invalidField } from "../../platform/errors/api-error.ts";

export const redeemCodes = ["VALIDATION_ERROR", "PROVIDER_TOKEN_INVALID", "PROVIDER_UNAVAILABLE"] as const;

/**
 * Redeems an app's code or token. A code must have been sent to the callback URL or to a listed one.
 * @throws ApiError VALIDATION_ERROR, PROVIDER_TOKEN_INVALID or PROVIDER_UNAVAILABLE
 */
export async function redeem(
  { services: { config }, now }: CallContext,
  { provider, grant }: { provider: Provider; grant: AppGrant },
): Promise<ProviderProfile> {
  if (grant.kind !== "code") {
    if (grant.kind !== provider.tokenKind) throw invalidField(grant.kind, `must be a code or ${provider.tokenKind}`);
    return provider.redeemToken(grant, now);
  }
  const { redirectUri, codeVerifier } = grant;
  if (provider.pkce && codeVerifier === undefined) throw invalidField("code_verifier", "is required with code");
  const isOurs = redirectUri === callbackUrl(config.service.issuer, provider.name);
  // A redirection endpoint has no fragment (RFC 6749, section 3.1.2), though a listed page may have one.
  const isListed =
    allowedRedirect(redirectUri, config.social.redirectAllowlist) !== undefined && !redirectUri.includes("#");
  if (!isOurs && !isListed)
    throw invalidField("redirect_uri", "must be listed in REDIRECT_ALLOWLIST, or be the callback URL");
  // A code that another provider has issued must not be sent to this one (RFC 9700, section 4.4).
  if (grant.iss !== undefined && !(await provider.isOwnIssuer(grant.iss)))
    throw new ProviderTokenInvalid("the answer names a different issuer");
  return provider.redeemCode(grant, now);
}
