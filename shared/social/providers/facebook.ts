import { createHmac } from "node:crypto";
import type { ProviderSettings } from "./provider-settings.ts";
import { authorizationUrl } from "../protocol/authorization-url.ts";
import { boundedFetch, readObject } from "../protocol/bounded-fetch.ts";
import { isObject, text, toTime, type JsonObject } from "../protocol/json.ts";
import { codesOf } from "../protocol/provider-errors.ts";
import { unknownTime, type Provider, type ProviderProfile } from "../provider.ts";
import { ProviderTokenInvalid, ProviderUnavailable } from "../protocol/refusals.ts";
import { exchangeCode, isGraphOutage, type ClientCredentials } from "../protocol/token-endpoint.ts";

/** Facebook Login (https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow). */
export function createFacebook({ name, clientId, clientSecret, baseUrl }: ProviderSettings): Provider {
  const dialog = `${baseUrl ?? "https://www.facebook.com"}/${version}/dialog/oauth`;
  const graph = `${baseUrl ?? "https://graph.facebook.com"}/${version}`;
  const credentials = { clientId, clientSecret };
  return {
    name,
    clientId,
    scopes,
    displayName: "Facebook",
    // PKCE is documented only with the scope openid; otherwise Facebook rejects the verifier.
    pkce: false,
    tokenKind: "access_token",
    authorizationEndpoint: async () => dialog,
    authorizationUrl: async ({ redirectUri, state }) =>
      authorizationUrl({ redirectUri, state, endpoint: dialog, clientId, scopes }),
    isOwnIssuer: async () => true,
    async redeemCode({ code, redirectUri }, now) {
      const grant = { code, redirectUri };
      const answer = await exchangeCode({ endpoint: `${graph}/oauth/access_token`, ...credentials, grant });
      const accessToken = text(answer["access_token"]);
      if (accessToken === undefined)
        throw new ProviderUnavailable("Facebook's token endpoint returned no access_token");
      return { ...(await readProfile(graph, credentials, accessToken)), authenticatedAt: now };
    },
    async redeemToken(grant) {
      if (grant.kind !== "access_token") throw new ProviderTokenInvalid("Facebook accepts only access tokens");
      const { owner, issuedAt } = await inspectToken(graph, credentials, grant.accessToken);
      const profile = await readProfile(graph, credentials, grant.accessToken);
      if (profile.subject !== owner) throw new ProviderTokenInvalid("the token belongs to somebody else");
      return { ...profile, authenticatedAt: issuedAt };
    },
  };
}

/**
 * The Graph API version of July 2026; each one works for about two years
 * (https://developers.facebook.com/docs/graph-api/changelog).
 */
const version = "v26.0";
const scopes = ["public_profile", "email"];

/**
 * Asks Facebook who owns a token, and whether it was issued to our application. @returns the owner's id, and when it
 * was issued
 */
async function inspectToken(
  graph: string,
  { clientId, clientSecret }: ClientCredentials,
  accessToken: string,
): Promise<{ owner: string; issuedAt: Date }> {
  const query = new URLSearchParams({ input_token: accessToken });
  // Our app token contains the secret, which must not be in a URL.
  const headers = { Authorization: `Bearer ${clientId}|${clientSecret}` };
  // Any other error is about our own token.
  const isRefusal = ({ code }: JsonObject) => code === 100;
  const { data } = await ask(`${graph}/debug_token?${query.toString()}`, { headers, isRefusal });
  if (!isObject(data)) throw new ProviderUnavailable("Facebook's debug_token answers without data");
  const { app_id: appId, is_valid: isValid, type, user_id: userId, issued_at: issuedAt } = data;
  if (isValid !== true || String(appId) !== clientId || type !== "USER" || text(userId) === undefined)
    throw new ProviderTokenInvalid(`the token was not issued to our application, or has expired (${codesOf(data)})`);
  // Facebook reports it for long-lived tokens only.
  return { owner: String(userId), issuedAt: toTime(issuedAt) ?? unknownTime };
}

async function readProfile(
  graph: string,
  { clientSecret }: ClientCredentials,
  accessToken: string,
): Promise<ProviderProfile> {
  const query = new URLSearchParams({
    fields: "id,name,email,picture.width(256)",
    // Proves that the caller knows the app secret; an app may require it.
    appsecret_proof: createHmac("sha256", clientSecret).update(accessToken).digest("hex"),
  });
  const headers = { Authorization: `Bearer ${accessToken}` };
  const isRefusal = (error: JsonObject) => !isGraphOutage(error);
  const me = await ask(`${graph}/me?${query.toString()}`, { headers, isRefusal });
  const subject = text(me["id"]);
  if (subject === undefined) throw new ProviderUnavailable("Facebook's user has no id");
  const picture = isObject(me["picture"]) ? me["picture"]["data"] : undefined;
  return {
    subject,
    email: text(me["email"]),
    // Facebook does not say whether an address was ever confirmed.
    isEmailVerified: false,
    name: text(me["name"]),
    picture: isObject(picture) && picture["is_silhouette"] !== true ? text(picture["url"]) : undefined,
    login: undefined,
    authenticatedAt: unknownTime,
  };
}

interface Question {
  readonly headers: Record<string, string>;
  /** Whether an error is about what the caller sent. */
  readonly isRefusal: (error: JsonObject) => boolean;
}

/** Reads from the Graph API. */
async function ask(url: string, { headers, isRefusal }: Question): Promise<JsonObject> {
  const response = await boundedFetch(url, { headers });
  const answer = await readObject(response);
  if (response.status === 200) return answer;
  const { error } = answer;
  if ((response.status === 400 || response.status === 401) && isObject(error) && isRefusal(error))
    throw new ProviderTokenInvalid(`Facebook rejected the token (${codesOf(answer)})`);
  throw new ProviderUnavailable(`Facebook answers ${response.status} (${codesOf(answer)})`);
}
