import type { CompactVerifyGetKey } from "jose";
import { authorizationUrl } from "../protocol/authorization-url.ts";
import { verifyIdToken, type IdTokenClaims, type SignatureCheck } from "../protocol/id-token.ts";
import { text, toTime, type JsonObject } from "../protocol/json.ts";
import { openKeySet } from "../protocol/key-set.ts";
import { discover, type Metadata } from "../protocol/metadata.ts";
import { unknownTime, type CodeGrant, type Provider, type ProviderProfile } from "../provider.ts";
import { ClientRefused, ProviderTokenInvalid, ProviderUnavailable } from "../protocol/refusals.ts";
import { exchangeCode, type ClientCredentials } from "../protocol/token-endpoint.ts";
import { askUserInfo } from "../protocol/user-info.ts";

/** What differs between OpenID providers. */
export interface OpenIdOptions extends ClientCredentials {
  readonly name: string;
  readonly displayName: string;
  readonly issuer: string;
  /** Other spellings of the issuer that its id_tokens may contain. */
  readonly issuerAliases?: readonly string[];
  readonly additionalClientIds: readonly string[];
  /** Whether to believe what these claims say about the address. */
  readonly isEmailVerified: (claims: JsonObject) => boolean;
}

/** An OpenID Connect provider, found by discovery. */
export function createOpenIdProvider(options: OpenIdOptions): Provider {
  const { name, displayName, issuer, clientId, clientSecret } = options;
  const metadata = discover(issuer);
  const keySets = new Map<string, CompactVerifyGetKey>();
  const signed = (found: Metadata, audiences: readonly string[], now: Date): SignatureCheck => {
    const keys = keySets.get(found.keySetUri) ?? openKeySet(found.keySetUri);
    keySets.set(found.keySetUri, keys);
    return { keys, issuers: [found.issuer, ...(options.issuerAliases ?? [])], audiences, now };
  };
  return {
    name,
    displayName,
    clientId,
    scopes,
    pkce: true,
    tokenKind: "id_token",
    authorizationEndpoint: async () => (await metadata()).authorizationEndpoint,
    async authorizationUrl(request) {
      const endpoint = (await metadata()).authorizationEndpoint;
      return authorizationUrl({ ...request, endpoint, clientId, scopes });
    },
    async isOwnIssuer(iss) {
      const found = await metadata();
      return iss === undefined ? !found.namesItself : iss === found.issuer;
    },
    async redeemCode(grant, now) {
      const found = await metadata();
      const { idToken, accessToken } = await redeem({
        metadata: found,
        credentials: { clientId, clientSecret },
        grant,
      });
      const check = signed(found, [clientId], now);
      const claims = await verifyIdToken(idToken, { ...check, nonce: grant.nonce });
      const { userInfoEndpoint: endpoint } = found;
      const isSilent = text(claims["email"]) === undefined && endpoint !== undefined && accessToken !== undefined;
      const { sub: subject } = claims;
      const userInfo = isSilent ? await askUserInfo({ provider: name, endpoint, accessToken, subject, check }) : {};
      return { ...toProfile(claims, userInfo, options), authenticatedAt: provenAt(claims, now) };
    },
    async redeemToken(grant, now) {
      if (grant.kind !== "id_token") throw new ProviderTokenInvalid("the provider accepts only id_tokens");
      const check = signed(await metadata(), [clientId, ...options.additionalClientIds], now);
      const claims = await verifyIdToken(grant.idToken, { ...check, nonce: grant.nonce });
      return toProfile(claims, {}, options);
    },
  };
}

const scopes = ["openid", "profile", "email"];

interface Redemption {
  readonly metadata: Metadata;
  readonly credentials: ClientCredentials;
  readonly grant: CodeGrant;
}

async function redeem(redemption: Redemption): Promise<{ idToken: string; accessToken: string | undefined }> {
  const answer = await exchange(redemption);
  const idToken = text(answer["id_token"]);
  if (idToken === undefined) throw new ProviderUnavailable("its token endpoint returned no id_token");
  return { idToken, accessToken: text(answer["access_token"]) };
}

/**
 * A provider checks the client before it looks at the code, so after a rejected client the code can be sent again with
 * the other method.
 */
async function exchange({ metadata, credentials, grant }: Redemption): Promise<JsonObject> {
  const { tokenEndpoint: endpoint, tokenAuthentications } = metadata;
  const [first, second] = tokenAuthentications;
  try {
    return await exchangeCode({ endpoint, ...credentials, grant, ...(first && { authentication: first }) });
  } catch (error) {
    if (!(error instanceof ClientRefused) || second === undefined) throw error;
    return exchangeCode({ endpoint, ...credentials, grant, authentication: second });
  }
}

/**
 * When the person signed in at the provider, if it says so (`auth_time`, OpenID Connect Core 1.0, section 2): a session
 * that it kept open is not a sign-in. Otherwise, when it vouched for them. A malformed claim counts as long ago.
 */
function provenAt({ auth_time: authTime }: IdTokenClaims, vouchedAt: Date): Date {
  if (authTime === undefined || authTime === null) return vouchedAt;
  const at = toTime(authTime) ?? unknownTime;
  return at < vouchedAt ? at : vouchedAt;
}

/** @param userInfo only asked for if the id_token has no address; whoever names the address must also vouch for it */
function toProfile(claims: IdTokenClaims, userInfo: JsonObject, { isEmailVerified }: OpenIdOptions): ProviderProfile {
  const addressed = text(claims["email"]) === undefined ? userInfo : claims;
  const either = (name: string) => text(claims[name]) ?? text(userInfo[name]);
  return {
    subject: claims.sub,
    email: text(addressed["email"]),
    isEmailVerified: isEmailVerified(addressed),
    name: either("name"),
    picture: either("picture"),
    login: either("preferred_username"),
    authenticatedAt: provenAt(claims, new Date(claims.iat * 1000)),
  };
}
