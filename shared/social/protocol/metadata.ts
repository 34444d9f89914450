import { log } from "../../platform/log.ts";
import { isSecureOrLocal } from "../../platform/settings/types.ts";
import { boundedFetch, readObject } from "./bounded-fetch.ts";
import { isTrue, text, type JsonObject } from "./json.ts";
import { ProviderUnavailable } from "./refusals.ts";
import type { TokenAuthentication } from "./token-endpoint.ts";

/** The metadata of an OpenID provider (OpenID Connect Discovery 1.0, section 3), as far as it is used here. */
export interface Metadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly keySetUri: string;
  readonly userInfoEndpoint: string | undefined;
  /** How we may send our secret, the preferred way first. */
  readonly tokenAuthentications: readonly TokenAuthentication[];
  /** Whether it names itself in every authorization response (RFC 9207, section 3). */
  readonly namesItself: boolean;
}

/**
 * Reads an issuer's metadata from its well-known address, once an hour. While it cannot be read again, the known
 * metadata stays in use.
 * @returns a function that returns it, and throws ProviderUnavailable
 */
export function discover(issuer: string): () => Promise<Metadata> {
  let known: { metadata: Metadata; until: number } | undefined;
  let failed: { error: unknown; until: number } | undefined;
  let reading: Promise<Metadata> | undefined;
  const read = async (): Promise<Metadata> => {
    try {
      const metadata = await readMetadata(issuer);
      known = { metadata, until: performance.now() + keptMilliseconds };
      return metadata;
    } catch (error) {
      failed = { error, until: performance.now() + pauseMilliseconds };
      if (known) return known.metadata;
      throw error;
    } finally {
      reading = undefined;
    }
  };
  return async () => {
    const now = performance.now();
    if (known && now < known.until) return known.metadata;
    if (failed && now < failed.until) {
      if (known) return known.metadata;
      throw failed.error;
    }
    return (reading ??= read());
  };
}

const keptMilliseconds = 60 * 60 * 1000;
/** The pause after a failed read: without it, every caller would wait for the provider. */
const pauseMilliseconds = 5000;

async function readMetadata(issuer: string): Promise<Metadata> {
  const response = await boundedFetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (response.status !== 200) throw new ProviderUnavailable(`its discovery endpoint answers ${response.status}`);
  return toMetadata(issuer, await readObject(response));
}

function toMetadata(issuer: string, document: JsonObject): Metadata {
  // Section 4.3: the document must name this issuer. A slash at the end is ignored, because people leave it out.
  const named = text(document["issuer"]) ?? "";
  if (named.replace(/\/$/, "") !== issuer.replace(/\/$/, ""))
    throw new ProviderUnavailable("its discovery document belongs to another issuer");
  // If the issuer is https, all its endpoints must be.
  const isUsable = (url: string) =>
    URL.canParse(url) && (url.startsWith("https:") || (!issuer.startsWith("https:") && isSecureOrLocal(url)));
  const endpoint = (name: string): string => {
    const url = text(document[name]) ?? "";
    if (isUsable(url)) return url;
    throw new ProviderUnavailable(`its discovery document has no usable ${name}`);
  };
  const userInfo = document["userinfo_endpoint"];
  const userInfoEndpoint = isUsable(text(userInfo) ?? "") ? text(userInfo) : undefined;
  // UserInfo is optional: an unusable endpoint counts as absent.
  if (userInfo !== undefined && userInfoEndpoint === undefined)
    log("warn", "provider.user_info_unusable", { issuer: named, reason: "its userinfo_endpoint is not a usable URL" });
  return {
    issuer: named,
    authorizationEndpoint: endpoint("authorization_endpoint"),
    tokenEndpoint: endpoint("token_endpoint"),
    keySetUri: endpoint("jwks_uri"),
    userInfoEndpoint,
    tokenAuthentications: authenticationsOf(document["token_endpoint_auth_methods_supported"]),
    namesItself: isTrue(document["authorization_response_iss_parameter_supported"]),
  };
}

/**
 * A provider that does not say uses Basic. If it lists both, our registration there may still allow only one of them;
 * the form comes first, because it leaves only one way to encode a secret.
 */
function authenticationsOf(methods: unknown): TokenAuthentication[] {
  const listed = Array.isArray(methods) ? methods : [];
  if (!listed.includes("client_secret_post")) return ["basic"];
  return listed.includes("client_secret_basic") ? ["post", "basic"] : ["post"];
}
