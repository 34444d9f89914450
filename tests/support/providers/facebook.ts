import { createHmac, randomBytes } from "node:crypto";
import { serveProvider, type ProviderAnswer, type ProviderRequest, type ProviderServer } from "./serve.ts";

/** An app as it is registered at Facebook. */
export interface FacebookApp {
  clientId: string;
  clientSecret: string;
  /** "Valid OAuth Redirect URIs", in strict mode: each is compared as a whole. */
  readonly redirectUris: readonly string[];
}

/** An account at Facebook. What its owner can change there, a test can. */
export interface FacebookPerson {
  readonly id: string;
  name: string;
  /** Undefined for an account with a telephone number alone. */
  email: string | undefined;
  picture: string;
  isSilhouette: boolean;
  /** Whether the person lets the app see the address. */
  sharesEmail: boolean;
}

export interface FacebookToken {
  /** The app that it was made for; the registered one unless given. */
  readonly clientId?: string;
  readonly type?: "USER" | "PAGE";
  readonly isExpired?: boolean;
  /** Facebook says it of long-lived tokens only. */
  readonly madeAt?: Date | undefined;
}

/** What an app brings that has sent its person here by itself. */
export interface CodeBody {
  readonly code: string;
  readonly redirect_uri: string;
}

/** Facebook's dialog and Graph API, as far as signing in needs them. */
export interface TestFacebook extends ProviderServer {
  /** The registration; a test may change it under the service's feet. */
  readonly app: FacebookApp;
  /** Who authorizes next, and whose tokens are minted. */
  person: FacebookPerson;
  /** Whom `GET /me` shows, whosever the token is. */
  shownInstead: FacebookPerson | undefined;
  /** The code of the error that paths of the Graph API answer, with status 400. */
  readonly errors: Map<string, number>;
  /** All codes and tokens that it has given out. */
  readonly given: string[];
  /** Lets the person authorize. @returns the callback URL with a code @throws Error where Facebook shows an error page */
  authorize(authorizationUrl: string): string;
  /** Lets the person refuse. @returns the callback URL that says so */
  deny(authorizationUrl: string): string;
  /** Lets the person authorize an app that redirects to this URL. */
  grantTo(redirectUri: string): CodeBody;
  mint(token?: FacebookToken): string;
  /** Makes a token void. @returns the same token */
  revoke(token: string): string;
}

type Owned = Required<FacebookToken> & { readonly person: FacebookPerson; isRevoked: boolean };
type Code = { readonly person: FacebookPerson; readonly redirectUri: string };

const required = ["client_id", "redirect_uri", "state", "scope"];
const optional = new Set(["response_type", "auth_type", "display"]);
const expiresInSeconds = 5_183_944;

let count = 0;

/** A new person who shares an address. */
export function newFacebookPerson(overrides: Partial<FacebookPerson> = {}): FacebookPerson {
  count += 1;
  return {
    id: `10220000000000${100 + count}`,
    name: `Fay ${count}`,
    email: `fay.${count}@example.com`,
    picture: `https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=${count}`,
    isSilhouette: false,
    sharesEmail: true,
    ...overrides,
  };
}

/** Facebook with this app registered (https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow). */
export async function startFacebook(registration: FacebookApp): Promise<TestFacebook> {
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Owned>();
  const server = await serveProvider((request) => route(request));

  function give(text: string): string {
    facebook.given.push(text);
    return text;
  }

  function newToken(token: FacebookToken, person: FacebookPerson): string {
    const text = give(`EAAC${randomBytes(16).toString("hex")}`);
    const { clientId = facebook.app.clientId, type = "USER", isExpired = false, madeAt } = token;
    tokens.set(text, { clientId, type, isExpired, madeAt, person, isRevoked: false });
    return text;
  }

  const facebook: TestFacebook = Object.assign(server, {
    app: { ...registration },
    person: newFacebookPerson(),
    shownInstead: undefined,
    errors: new Map<string, number>(),
    given: [],
    authorize(authorizationUrl: string) {
      const redirectUri = checkAuthorization(facebook, authorizationUrl);
      const code = give(`AQ${randomBytes(16).toString("hex")}`);
      codes.set(code, { person: facebook.person, redirectUri });
      return returnTo(authorizationUrl, { code });
    },
    deny(authorizationUrl: string) {
      checkAuthorization(facebook, authorizationUrl);
      const reason = { error_reason: "user_denied", error_description: "Permissions error" };
      return returnTo(authorizationUrl, { error: "access_denied", error_code: "200", ...reason });
    },
    grantTo(redirectUri: string) {
      const query = new URLSearchParams({
        client_id: facebook.app.clientId,
        redirect_uri: redirectUri,
        state: "an app's",
        scope: "public_profile,email",
      });
      const callback = new URL(facebook.authorize(`${server.url}/v26.0/dialog/oauth?${query.toString()}`));
      return { code: callback.searchParams.get("code") ?? "", redirect_uri: redirectUri };
    },
    mint: (token: FacebookToken = {}) => newToken(token, facebook.person),
    revoke(text: string) {
      const token = tokens.get(text);
      if (token) token.isRevoked = true;
      return text;
    },
  });

  function route(request: ProviderRequest): ProviderAnswer {
    const { pathname } = request.url;
    const call = `${request.method} ${pathname}`;
    const error = facebook.errors.get(pathname);
    if (error !== undefined) return refusal(error, "An error of the Graph API's own");
    if (call === "POST /v26.0/oauth/access_token") return exchange(request.form);
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (bearer === undefined) return refusal(2500, "An active access token must be used to query information");
    if (call === "GET /v26.0/debug_token") return inspect(bearer, request.url.searchParams);
    return call === "GET /v26.0/me" ? me(bearer, request.url.searchParams) : refusal(2500, "Unknown path components");
  }

  function exchange(form: URLSearchParams): ProviderAnswer {
    const { clientId, clientSecret } = facebook.app;
    const { code = "", code_verifier: verifier, grant_type: type, ...given } = Object.fromEntries(form);
    if (given["client_id"] !== clientId) return refusal(101, "Error validating application. Invalid application ID.");
    if (given["client_secret"] !== clientSecret) return refusal(1, "Error validating client secret.");
    if (type !== undefined && type !== "authorization_code") return refusal(100, `Invalid grant_type: '${type}'.`);
    const isOrderly = Object.keys(given).toSorted().join() === "client_id,client_secret,redirect_uri";
    if (!isOrderly) return refusal(191, "Missing redirect_uri parameter.");
    const known = codes.get(code);
    codes.delete(code);
    if (!known) return refusal(100, "Invalid verification code format.");
    if (given["redirect_uri"] !== known.redirectUri) return refusal(100, "Error validating verification code.");
    if (verifier !== undefined) return refusal(1, "code_verifier param is provided without a code_challenge");
    const token = newToken({}, known.person);
    return { body: { access_token: token, token_type: "bearer", expires_in: expiresInSeconds } };
  }

  function inspect(bearer: string, query: URLSearchParams): ProviderAnswer {
    const { clientId, clientSecret } = facebook.app;
    const [appId, secret] = bearer.split("|");
    if (appId !== clientId) return refusal(101, "Error validating application. Invalid application ID.");
    if (secret !== clientSecret) return refusal(190, "Invalid OAuth access token signature.");
    const text = query.get("input_token");
    if (text === null || query.size > 1) return refusal(100, "(#100) The parameter input_token is required");
    const token = tokens.get(text);
    const malformed = { code: 190, message: "Invalid OAuth access token - Cannot parse access token" };
    if (!token) return { body: { data: { error: malformed, is_valid: false, scopes: [] } } };
    if (token.clientId !== clientId)
      return refusal(100, "(#100) The App_id in the input_token did not match the Viewing App");
    const isValid = !token.isRevoked && !token.isExpired;
    const about = { app_id: clientId, type: token.type, user_id: token.person.id, is_valid: isValid };
    const ended = { code: 190, subcode: token.isExpired ? 463 : 460, message: "Error validating access token" };
    const now = Math.floor(Date.now() / 1000);
    const expires = { expires_at: now + (token.isExpired ? -60 : expiresInSeconds) };
    const scopes = token.person.sharesEmail ? ["email", "public_profile"] : ["public_profile"];
    const issued = token.madeAt && { issued_at: Math.floor(token.madeAt.getTime() / 1000) };
    return { body: { data: { ...about, ...issued, ...expires, scopes, ...(!isValid && { error: ended }) } } };
  }

  function me(bearer: string, query: URLSearchParams): ProviderAnswer {
    const token = tokens.get(bearer);
    if (!token || token.isRevoked || token.isExpired) return refusal(190, "Invalid OAuth access token.");
    const proof = createHmac("sha256", facebook.app.clientSecret).update(bearer).digest("hex");
    if (query.get("appsecret_proof") !== proof) return refusal(100, "Invalid appsecret_proof provided");
    if (query.size > 2) return refusal(100, "(#100) Unknown parameter");
    const { id, name, ...person } = facebook.shownInstead ?? token.person;
    const data = { height: 256, is_silhouette: person.isSilhouette, url: person.picture, width: 256 };
    const email = person.sharesEmail ? person.email : undefined;
    const fields = new Map<string, unknown>([
      ["id", id],
      ["name", name],
      ["email", email],
      ["picture.width(256)", { data }],
    ]);
    const asked = ["id", ...(query.get("fields") ?? "name").split(",")];
    const unknown = asked.find((field) => !fields.has(field));
    if (unknown !== undefined) return refusal(100, `(#100) Tried accessing nonexisting field (${unknown})`);
    return { body: Object.fromEntries(asked.map((field) => [field.replace(/\..*/, ""), fields.get(field)])) };
  }

  return facebook;
}

/** PKCE is for the scope openid alone here. @returns the redirect_uri */
function checkAuthorization({ url, app }: TestFacebook, authorizationUrl: string): string {
  const { origin, pathname, searchParams } = new URL(authorizationUrl);
  const names = [...searchParams.keys()];
  const { redirect_uri: redirectUri = "", ...given } = Object.fromEntries(searchParams);
  const rules = {
    endpoint: origin + pathname === `${url}/v26.0/dialog/oauth`,
    client_id: given["client_id"] === app.clientId,
    redirect_uri: app.redirectUris.includes(redirectUri),
    state: given["state"] !== "",
    scope: /^public_profile[ ,]email$/.test(given["scope"] ?? ""),
    response_type: (given["response_type"] ?? "code") === "code",
    unknown: names.every((name) => required.includes(name) || optional.has(name)),
    doubled: new Set(names).size === names.length,
    missing: required.every((name) => searchParams.has(name)),
  };
  for (const [rule, holds] of Object.entries(rules)) if (!holds) throw new Error(`Facebook refuses: ${rule}`);
  return redirectUri;
}

/** Facebook ends the URL with a fragment of its own, always the same. */
function returnTo(authorizationUrl: string, parameters: Readonly<Record<string, string>>): string {
  const { searchParams } = new URL(authorizationUrl);
  const answer = new URLSearchParams({ ...parameters, state: searchParams.get("state") ?? "" });
  return `${searchParams.get("redirect_uri")}?${answer.toString()}#_=_`;
}

function refusal(code: number, message: string): ProviderAnswer {
  return { status: 400, body: { error: { message, type: "OAuthException", code, fbtrace_id: "AbCdEf" } } };
}
