import { createHash, randomBytes } from "node:crypto";
import { serveProvider, type ProviderAnswer, type ProviderRequest, type ProviderServer } from "./serve.ts";

/** An OAuth app as it is registered at GitHub. */
export interface GithubApp {
  clientId: string;
  clientSecret: string;
  /** Redirects may go to these and below them. */
  readonly callbackUrls: readonly string[];
}

/** An account at GitHub. What its owner can change there, a test can. */
export interface GithubPerson {
  readonly id: number;
  readonly login: string;
  name: string | null;
  /** The address that the public profile shows. */
  email: string | null;
  avatar_url: string;
  emails: { readonly email: string; readonly primary: boolean; readonly verified: boolean }[];
}

export interface GithubToken {
  /** The app that it was made for; the registered one unless given. */
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly madeAt?: Date | undefined;
}

/** What an app brings that has sent its person here by itself. */
export interface CodeBody {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier: string;
}

/** GitHub Enterprise Server, as far as signing in needs it. */
export interface TestGithub extends ProviderServer {
  /** The registration; a test may change it under the service's feet. */
  readonly app: GithubApp;
  /** Who authorizes next, and whose tokens are minted. */
  person: GithubPerson;
  /** Whom `GET /user` shows, whosever the token is. */
  shownInstead: GithubPerson | undefined;
  /** All codes and tokens that it has given out. */
  readonly given: string[];
  /** Lets the person authorize. @returns the callback URL with a code @throws Error where GitHub shows an error page */
  authorize(authorizationUrl: string): string;
  /** Lets the person refuse. @returns the callback URL that says so */
  deny(authorizationUrl: string): string;
  /** Lets the person authorize an app that redirects to this URL. */
  grantTo(redirectUri: string): CodeBody;
  mint(token?: GithubToken): string;
  /** Makes a token void. @returns the same token */
  revoke(token: string): string;
}

type Owned = Required<GithubToken> & { readonly person: GithubPerson };
type Code = { readonly person: GithubPerson; readonly redirectUri: string; readonly challenge: string };

const scopes = ["read:user", "user:email"];
const required = ["client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method"];
const optional = new Set(["response_type", "login", "allow_signup", "prompt"]);

let count = 0;

/** A new person with a verified primary address. */
export function newGithubPerson(overrides: Partial<GithubPerson> = {}): GithubPerson {
  count += 1;
  const login = `octo-${count}`;
  return {
    id: 583_231 + count,
    login,
    name: `Mona ${count}`,
    email: null,
    avatar_url: `https://avatars.githubusercontent.com/u/${count}?v=4`,
    emails: [{ email: `mona.${count}@example.com`, primary: true, verified: true }],
    ...overrides,
  };
}

/**
 * GitHub with this app registered (https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps and
 * https://docs.github.com/rest/apps/oauth-applications).
 */
export async function startGithub(registration: GithubApp): Promise<TestGithub> {
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Owned>();
  const server = await serveProvider((request) => route(request));

  function give(text: string): string {
    github.given.push(text);
    return text;
  }

  const github: TestGithub = Object.assign(server, {
    app: { ...registration },
    person: newGithubPerson(),
    shownInstead: undefined,
    given: [],
    authorize(authorizationUrl: string) {
      const asked = checkAuthorization(github, authorizationUrl);
      const code = give(randomBytes(10).toString("hex"));
      codes.set(code, { person: github.person, ...asked });
      return returnTo(authorizationUrl, { code });
    },
    deny(authorizationUrl: string) {
      checkAuthorization(github, authorizationUrl);
      return returnTo(authorizationUrl, {
        error: "access_denied",
        error_description: "The user has denied your application access.",
        error_uri: "https://docs.github.com/apps/troubleshooting-authorization-request-errors/#access-denied",
      });
    },
    grantTo(redirectUri: string) {
      const verifier = randomBytes(32).toString("base64url");
      const query = new URLSearchParams({
        client_id: github.app.clientId,
        redirect_uri: redirectUri,
        state: "an app's",
        scope: scopes.join(" "),
        code_challenge: s256(verifier),
        code_challenge_method: "S256",
      });
      const callback = new URL(github.authorize(`${server.url}/login/oauth/authorize?${query.toString()}`));
      return { code: callback.searchParams.get("code") ?? "", redirect_uri: redirectUri, code_verifier: verifier };
    },
    mint(token: GithubToken = {}) {
      const text = give(`gho_${randomBytes(18).toString("hex")}`);
      tokens.set(text, { clientId: github.app.clientId, scopes, madeAt: undefined, ...token, person: github.person });
      return text;
    },
    revoke(token: string) {
      tokens.delete(token);
      return token;
    },
  });

  function route(request: ProviderRequest): ProviderAnswer {
    const call = `${request.method} ${request.url.pathname}`;
    if (call === "POST /login/oauth/access_token") return negotiate(request, exchange(request));
    const { "user-agent": agent, accept, authorization = "" } = request.headers;
    if (!agent) return refusal(403, "Request forbidden by administrative rules.");
    if (!/^application\/(?:vnd\.github\+)?json$/.test(accept ?? "")) return refusal(415, "Unsupported 'Accept' header");
    const [, clientId] = /^POST \/api\/v3\/applications\/([^/]+)\/token$/.exec(call) ?? [];
    if (clientId !== undefined) return checkToken(decodeURIComponent(clientId), request);
    const token = tokens.get(/^Bearer (\S+)$/.exec(authorization)?.[1] ?? "");
    if (!token) return refusal(401, "Bad credentials");
    const { emails, ...profile } = github.shownInstead ?? token.person;
    if (call === "GET /api/v3/user") return { body: { ...profile, type: "User", site_admin: false } };
    const isList = call === "GET /api/v3/user/emails" && token.scopes.includes("user:email");
    const perPage = Number(request.url.searchParams.get("per_page") ?? 30);
    return isList ? { body: emails.slice(0, Math.min(perPage, 100)) } : refusal(404, "Not Found");
  }

  /** Refusals have status 200 here. */
  function exchange({ form }: ProviderRequest): object {
    const { clientId, clientSecret } = github.app;
    const { code = "", code_verifier: verifier = "", ...given } = Object.fromEntries(form);
    if (given["client_id"] !== clientId || given["client_secret"] !== clientSecret)
      return tokenError("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
    const known = codes.get(code);
    codes.delete(code);
    const names = ["client_id", "client_secret", "code", "redirect_uri", "code_verifier", "grant_type"];
    const isOrderly = form.size === names.length && names.every((name) => form.getAll(name).length === 1);
    if (!known || !isOrderly || s256(verifier) !== known.challenge || given["grant_type"] !== "authorization_code")
      return tokenError("bad_verification_code", "The code passed is incorrect or expired.");
    if (given["redirect_uri"] !== known.redirectUri)
      return tokenError("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL.");
    const token = give(`gho_${randomBytes(18).toString("hex")}`);
    tokens.set(token, { clientId, scopes, madeAt: undefined, person: known.person });
    return { access_token: token, token_type: "bearer", scope: scopes.join(",") };
  }

  function checkToken(clientId: string, { headers, body }: ProviderRequest): ProviderAnswer {
    const basic = Buffer.from(`${github.app.clientId}:${github.app.clientSecret}`).toString("base64");
    if (headers.authorization !== `Basic ${basic}`) return refusal(401, "Bad credentials");
    if (clientId !== github.app.clientId) return refusal(404, "Not Found");
    const { access_token: text, ...others } = JSON.parse(body) as Record<string, unknown>;
    if (typeof text !== "string" || Object.keys(others).length > 0) return refusal(422, "Validation Failed");
    const token = tokens.get(text);
    if (token?.clientId !== clientId) return refusal(404, "Not Found");
    const { id, login, avatar_url } = token.person;
    const app = { client_id: clientId, name: "Latchkey", url: "http://localhost:3000" };
    const user = { id, login, avatar_url, type: "User" };
    const about = { scopes: token.scopes, note: null, created_at: token.madeAt?.toISOString() ?? null };
    return { body: { id: 1, app, user, token: text, ...about, expires_at: null } };
  }

  return github;
}

function checkAuthorization({ url, app }: TestGithub, authorizationUrl: string): Omit<Code, "person"> {
  const { origin, pathname, searchParams } = new URL(authorizationUrl);
  const names = [...searchParams.keys()];
  const unknown = names.filter((name) => !required.includes(name) && !optional.has(name));
  const { redirect_uri: redirectUri = "", ...given } = Object.fromEntries(searchParams);
  const { code_challenge: challenge = "", response_type: responseType = "code" } = given;
  const rules = {
    endpoint: origin + pathname === `${url}/login/oauth/authorize`,
    client_id: given["client_id"] === app.clientId,
    redirect_uri: app.callbackUrls.some((callback) => isBelow(redirectUri, callback)),
    state: given["state"] !== "",
    scope: given["scope"] === scopes.join(" "),
    code_challenge: /^[\w-]{43}$/.test(challenge) && given["code_challenge_method"] === "S256",
    parameters: unknown.length === 0 && responseType === "code" && new Set(names).size === names.length,
    missing: required.every((name) => searchParams.has(name)),
  };
  for (const [rule, holds] of Object.entries(rules)) if (!holds) throw new Error(`GitHub refuses: ${rule}`);
  return { redirectUri, challenge };
}

function isBelow(redirectUri: string, callback: string): boolean {
  return redirectUri === callback || redirectUri.startsWith(`${callback}/`);
}

function returnTo(authorizationUrl: string, parameters: Readonly<Record<string, string>>): string {
  const { searchParams } = new URL(authorizationUrl);
  const callback = new URL(searchParams.get("redirect_uri") ?? "");
  for (const [name, value] of Object.entries(parameters)) callback.searchParams.set(name, value);
  callback.searchParams.set("state", searchParams.get("state") ?? "");
  return callback.href;
}

/** GitHub's token endpoint answers with a form unless it is asked for JSON. */
function negotiate({ headers }: ProviderRequest, body: object): ProviderAnswer {
  if (headers.accept === "application/json") return { body };
  const form = new URLSearchParams(body as Record<string, string>).toString();
  return { body: form, headers: { "Content-Type": "application/x-www-form-urlencoded" } };
}

function tokenError(error: string, description: string): object {
  return { error, error_description: description, error_uri: `https://docs.github.com/apps/#${error}` };
}

function refusal(status: number, message: string): ProviderAnswer {
  return { status, body: { message, documentation_url: "https://docs.github.com/rest", status: String(status) } };
}

function s256(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
