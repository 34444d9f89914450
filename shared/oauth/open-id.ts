import type { JWTVerifyGetKey } from "jose";
import { authorizationUrl } from "./authorization-url.ts";
import { boundedFetch, readObject, text, type JsonObject } from "./bounded-fetch.ts";
import { openKeySet, verifyIdToken, type IdTokenCheck, type IdTokenClaims } from "./id-token.ts";
import { discover, type Metadata } from "./metadata.ts";
import type { CodeGrant, Provider, ProviderProfile } from "./provider.ts";
import { ClientRefused, ProviderTokenInvalid, ProviderUnavailable } from "./refusals.ts";
import { exchangeCode, type ClientCredentials } from "./token-endpoint.ts";

/** What tells one OpenID provider from another. */
export interface OpenIdOptions extends ClientCredentials {
  readonly name: string;
  readonly displayName: string;
  readonly issuer: string;
  /** Other spellings of the issuer that its id_tokens may have. */
  readonly issuerAliases?: readonly string[];
  readonly additionalClientIds: readonly string[];
  /** Whether what these claims say of the address counts. */
  readonly isEmailVerified: (claims: JsonObject) => boolean;
}

const scopes = ["openid", "profile", "email"];

/** A provider of OpenID Connect, found by discovery. */
export function createOpenIdProvider(options: OpenIdOptions): Provider {
  const { name, displayName, issuer, clientId, clientSecret } = options;
  const metadata = discover(issuer);
  const keySets = new Map<string, JWTVerifyGetKey>();
  const check = async (idToken: string, expected: Pick<IdTokenCheck, "audiences" | "nonce" | "now">) => {
    const found = await metadata();
    const keys = keySets.get(found.keySetUri) ?? openKeySet(found.keySetUri);
    keySets.set(found.keySetUri, keys);
    return verifyIdToken(idToken, { ...expected, keys, issuers: [found.issuer, ...(options.issuerAliases ?? [])] });
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
      const tokens = await redeem({ metadata: found, credentials: { clientId, clientSecret }, grant });
      const claims = await check(tokens.idToken, { audiences: [clientId], nonce: grant.nonce, now });
      const userInfo = claims["email"] === undefined ? await askUserInfo(found, tokens.accessToken, claims) : {};
      return toProfile(claims, userInfo, options);
    },
    async redeemToken(grant, now) {
      if (grant.kind !== "id_token") throw new ProviderTokenInvalid("the provider takes id_tokens");
      const audiences = [clientId, ...options.additionalClientIds];
      const claims = await check(grant.idToken, { audiences, nonce: grant.nonce, now });
      return toProfile(claims, {}, options);
    },
  };
}

interface Redemption {
  readonly metadata: Metadata;
  readonly credentials: ClientCredentials;
  readonly grant: CodeGrant;
}

async function redeem(redemption: Redemption): Promise<{ idToken: string; accessToken: string | undefined }> {
  const answer = await exchange(redemption);
  const idToken = text(answer["id_token"]);
  if (idToken === undefined) throw new ProviderUnavailable("its token endpoint gives no id_token");
  return { idToken, accessToken: text(answer["access_token"]) };
}

/** A provider looks at the client before it looks at the code: one that it has refused can be tried in another way. */
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

/** With a code, providers may keep what they say of a person for the UserInfo endpoint (OpenID Connect Core 1.0, section 5.4). */
async function askUserInfo(
  { userInfoEndpoint }: Metadata,
  accessToken: string | undefined,
  claims: IdTokenClaims,
): Promise<JsonObject> {
  if (userInfoEndpoint === undefined || accessToken === undefined) return {};
  const response = await boundedFetch(userInfoEndpoint, {
    headers: { Accept: "application/json", Authorization: `Bearer ${accessToken}` },
  });
  if (response.status !== 200) throw new ProviderUnavailable(`its UserInfo endpoint answers ${response.status}`);
  const answer = await readObject(response);
  // Section 5.3.2: what is said of somebody else must not be used.
  if (answer["sub"] !== claims.sub) throw new ProviderTokenInvalid("UserInfo is about another subject");
  return answer;
}

/** @param userInfo asked only where the id_token says nothing of an address; who names the address must also vouch for it */
function toProfile(claims: IdTokenClaims, userInfo: JsonObject, { isEmailVerified }: OpenIdOptions): ProviderProfile {
  const addressed = claims["email"] === undefined ? userInfo : claims;
  const either = (name: string) => text(claims[name]) ?? text(userInfo[name]);
  return {
    subject: claims.sub,
    email: text(addressed["email"]),
    isEmailVerified: isEmailVerified(addressed),
    name: either("name"),
    picture: either("picture"),
    login: either("preferred_username"),
    authenticatedAt: new Date((claims.iat ?? 0) * 1000),
  };
}
