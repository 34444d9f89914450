import { createHash, randomUUID, type webcrypto } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import type { Clock } from "../../../shared/platform/clock.ts";
import { addSeconds, toEpochSeconds } from "../../../shared/platform/clock.ts";
import { serveProvider, type ProviderAnswer, type ProviderRequest, type ProviderServer } from "./serve.ts";

export const clientId = "latchkey-at-the-issuer";
export const clientSecret = "canary/secret+of:the=client~";

/** An OpenID issuer whose every word a test can choose, right or wrong. */
export interface TestIssuer extends ProviderServer {
  /** What its next id_tokens claim of the person, beside the claims that every one has. */
  person: JWTPayload;
  /** What its UserInfo says; it has none while undefined. */
  userInfo: JWTPayload | undefined;
  /** How it says that, where not as JSON. */
  userInfoAnswer: ProviderAnswer | undefined;
  /** The one way in which our client may show its secret; either while undefined. */
  registeredFor: "post" | "basic" | undefined;
  /** Members of the discovery document that are not as they should be. */
  readonly document: Record<string, unknown>;
  /** Signs an id_token. */
  idToken(claims?: JWTPayload, options?: SignOptions): Promise<string>;
  /** Lets the person authorize at a URL of ours. @returns the callback URL with a code */
  authorize(authorizationUrl: string): string;
  /** Replaces the signing key. */
  rotate(): Promise<void>;
}

export interface SignOptions {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: webcrypto.CryptoKey | Uint8Array;
  readonly without?: readonly string[];
}

interface Code {
  readonly redirectUri: string | null;
  readonly challenge: string | null;
  readonly nonce: string | null;
}

/** An issuer at the time of `clock`; its audience is `clientId`. */
export async function startIssuer(clock: Pick<Clock, "now">): Promise<TestIssuer> {
  const codes = new Map<string, Code>();
  let signer = await newKey();
  const published = [signer.jwk];
  const server = await serveProvider((request) => route(request));
  const issuer: TestIssuer = Object.assign(server, {
    person: {},
    userInfo: undefined,
    userInfoAnswer: undefined,
    registeredFor: undefined,
    document: {},
    async idToken(claims: JWTPayload = {}, options: SignOptions = {}) {
      const now = clock.now();
      const all: JWTPayload = {
        iss: server.url,
        aud: clientId,
        sub: "subject",
        iat: toEpochSeconds(now),
        exp: toEpochSeconds(addSeconds(now, 300)),
        ...issuer.person,
        ...claims,
      };
      for (const name of options.without ?? []) delete all[name];
      const header = { alg: options.alg ?? "RS256", kid: options.kid ?? signer.jwk.kid };
      return new SignJWT(all).setProtectedHeader(header).sign(options.key ?? signer.privateKey);
    },
    authorize(authorizationUrl: string) {
      const { searchParams } = new URL(authorizationUrl);
      const code = randomUUID();
      const [redirectUri, challenge] = [searchParams.get("redirect_uri"), searchParams.get("code_challenge")];
      codes.set(code, { redirectUri, challenge, nonce: searchParams.get("nonce") });
      const callback = new URL(redirectUri ?? "");
      callback.searchParams.set("code", code);
      callback.searchParams.set("state", searchParams.get("state") ?? "");
      return callback.href;
    },
    async rotate() {
      signer = await newKey();
      published.splice(0, published.length, signer.jwk);
    },
  });

  function route({ method, url, headers, form }: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer> {
    const call = `${method} ${url.pathname}`;
    if (call === "GET /.well-known/openid-configuration") return { body: discovery() };
    if (call === "GET /keys") return { body: { keys: published } };
    if (call === "GET /userinfo" && headers.authorization === "Bearer the-access-token")
      return issuer.userInfoAnswer ?? { body: issuer.userInfo };
    return call === "POST /token" ? token(form, headers.authorization) : { status: 404 };
  }

  function discovery(): object {
    return {
      issuer: server.url,
      authorization_endpoint: `${server.url}/authorize?tenant=x`,
      token_endpoint: `${server.url}/token`,
      jwks_uri: `${server.url}/keys`,
      ...(issuer.userInfo && { userinfo_endpoint: `${server.url}/userinfo` }),
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      ...issuer.document,
    };
  }

  async function token(form: URLSearchParams, authorization: string | undefined) {
    const basic = `Basic ${Buffer.from("latchkey-at-the-issuer:canary%2Fsecret%2Bof%3Athe%3Dclient%7E").toString("base64")}`;
    const byForm = form.get("client_id") === clientId && form.get("client_secret") === clientSecret;
    const ways = { post: byForm, basic: authorization === basic };
    if (issuer.registeredFor === undefined ? !ways.post && !ways.basic : !ways[issuer.registeredFor])
      return { status: 401, body: { error: "invalid_client" } };
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isGood = code?.redirectUri === form.get("redirect_uri") && code.challenge === challenge;
    if (!isGood || form.get("grant_type") !== "authorization_code")
      return { status: 400, body: { error: "invalid_grant" } };
    const nonce = code.nonce === null ? {} : { nonce: code.nonce };
    return { body: { access_token: "the-access-token", token_type: "Bearer", id_token: await issuer.idToken(nonce) } };
  }

  return issuer;
}

async function newKey() {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: "RS256", use: "sig" } };
}
