import type { ProviderSettings } from "./provider-settings.ts";
import { authorizationUrl } from "../protocol/authorization-url.ts";
import { boundedFetch, readObject } from "../protocol/bounded-fetch.ts";
import { isObject, parseJson, text, toTime, type JsonObject } from "../protocol/json.ts";
import { unknownTime, type Provider, type ProviderProfile } from "../provider.ts";
import { ProviderTokenInvalid, ProviderUnavailable } from "../protocol/refusals.ts";
import { basic, exchangeCode } from "../protocol/token-endpoint.ts";

/**
 * GitHub and GitHub Enterprise Server, through an OAuth app
 * (https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps).
 */
export function createGithub({ name, clientId, clientSecret, baseUrl }: ProviderSettings): Provider {
  const web = `${baseUrl ?? "https://github.com"}/login/oauth`;
  const api = baseUrl === undefined ? "https://api.github.com" : `${baseUrl}/api/v3`;
  const credentials = { clientId, clientSecret };
  return {
    name,
    clientId,
    scopes,
    displayName: "GitHub",
    pkce: true,
    tokenKind: "access_token",
    authorizationEndpoint: async () => `${web}/authorize`,
    authorizationUrl: async ({ nonce: _unused, maxAgeSeconds: _too, ...request }) =>
      authorizationUrl({ ...request, endpoint: `${web}/authorize`, clientId, scopes }),
    // Some releases of GitHub Enterprise Server send a wrong `iss`; there, the callback URL of its own tells answers
    // apart.
    isOwnIssuer: async (iss) => iss === undefined || baseUrl !== undefined || iss === "https://github.com/login/oauth",
    async redeemCode(grant, now) {
      const answer = await exchangeCode({ endpoint: `${web}/access_token`, ...credentials, grant });
      const accessToken = text(answer["access_token"]);
      if (accessToken === undefined) throw new ProviderUnavailable("GitHub's token endpoint returned no access_token");
      return { ...(await readProfile(api, accessToken)), authenticatedAt: now };
    },
    async redeemToken(grant) {
      if (grant.kind !== "access_token") throw new ProviderTokenInvalid("GitHub accepts only access tokens");
      const { owner, createdAt } = await checkToken(api, credentials, grant.accessToken);
      const profile = await readProfile(api, grant.accessToken);
      if (profile.subject !== owner) throw new ProviderTokenInvalid("the token belongs to somebody else");
      return { ...profile, authenticatedAt: createdAt };
    },
  };
}

const scopes = ["read:user", "user:email"];

const headersOf = (authorization: string) => ({
  Accept: "application/vnd.github+json",
  "X-GitHub-Api-Version": "2022-11-28",
  Authorization: authorization,
});

/**
 * Asks GitHub who owns a token; it answers only for tokens issued to our application. @returns the owner's id, and when
 * it was created
 */
async function checkToken(
  api: string,
  credentials: { clientId: string; clientSecret: string },
  accessToken: string,
): Promise<{ owner: string; createdAt: Date }> {
  const response = await boundedFetch(`${api}/applications/${encodeURIComponent(credentials.clientId)}/token`, {
    method: "POST",
    headers: { ...headersOf(basic(credentials)), "Content-Type": "application/json" },
    body: JSON.stringify({ access_token: accessToken }),
    isRepeatable: true,
  });
  if (response.status === 404 || response.status === 422)
    throw new ProviderTokenInvalid("the token was not issued to our application");
  const { app, user, created_at: created } = await readAnswer(response);
  const isOurs = isObject(app) && app["client_id"] === credentials.clientId && isObject(user);
  if (!isOurs) throw new ProviderTokenInvalid("the token was not issued to our application");
  const createdAt = toTime(Date.parse(text(created) ?? "") / 1000) ?? unknownTime;
  return { owner: String(user["id"]), createdAt };
}

async function readProfile(api: string, accessToken: string): Promise<ProviderProfile> {
  const headers = headersOf(`Bearer ${accessToken}`);
  const [userAnswer, emailsAnswer] = await Promise.all([
    boundedFetch(`${api}/user`, { headers }),
    boundedFetch(`${api}/user/emails?per_page=100`, { headers }),
  ]);
  if (userAnswer.status === 401) throw new ProviderTokenInvalid("GitHub rejected the token");
  const user = await readAnswer(userAnswer);
  if (!Number.isSafeInteger(user["id"])) throw new ProviderUnavailable("GitHub's user has no id");
  const address = await readAddress(emailsAnswer);
  return {
    subject: String(user["id"]),
    email: address ?? text(user["email"]),
    // To GitHub, verified means that someone once followed a link in a mail. It hosts no mailboxes, and does not learn
    // when one changes hands.
    isEmailVerified: false,
    name: text(user["name"]),
    picture: text(user["avatar_url"]),
    login: text(user["login"]),
    authenticatedAt: unknownTime,
  };
}

/** The primary address; undefined if there is none, or the token may not read addresses. */
async function readAddress(response: Response): Promise<string | undefined> {
  // GitHub also answers 403 to clients that call too often.
  const isThrottled = response.headers.get("x-ratelimit-remaining") === "0" || response.headers.has("retry-after");
  if ((response.status === 403 && !isThrottled) || response.status === 404) return undefined;
  const list: unknown = response.status === 200 ? parseJson(await response.text()) : undefined;
  if (!Array.isArray(list)) throw new ProviderUnavailable(`GitHub's list of addresses answers ${response.status}`);
  const primary = list.filter(isObject).find((entry) => entry["primary"] === true);
  return text(primary?.["email"]);
}

async function readAnswer(response: Response): Promise<JsonObject> {
  if (response.status === 200) return readObject(response);
  throw new ProviderUnavailable(`GitHub answers ${response.status}`);
}
