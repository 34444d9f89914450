import { boundedFetch, readObject } from "./bounded-fetch.ts";
import { isObject, text, type JsonObject } from "./json.ts";
import { codesOf, outages } from "./provider-errors.ts";
import type { CodeGrant } from "../provider.ts";
import { ClientRefused, ProviderTokenInvalid, ProviderUnavailable } from "./refusals.ts";

/** Our client id and secret at a provider. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** How a client sends its secret: by HTTP Basic, or in the form. */
export type TokenAuthentication = "basic" | "post";

export interface TokenRequest extends ClientCredentials {
  readonly endpoint: string;
  /** How we authenticate (RFC 6749, section 2.3.1); in the form unless given. */
  readonly authentication?: TokenAuthentication;
  readonly grant: CodeGrant;
}

/**
 * Exchanges a code at a token endpoint (RFC 6749, section 4.1.3). Never retried: a code works only once.
 * @returns the answer, which contains no error
 * @throws ProviderTokenInvalid if the code is rejected, ClientRefused if we are, ProviderUnavailable otherwise
 */
export async function exchangeCode(request: TokenRequest): Promise<JsonObject> {
  const { endpoint, grant, clientId, clientSecret, authentication = "post" } = request;
  const isBasic = authentication === "basic";
  const response = await boundedFetch(endpoint, {
    method: "POST",
    headers: { Accept: "application/json", ...(isBasic && { Authorization: basic(request) }) },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: grant.code,
      redirect_uri: grant.redirectUri,
      ...(grant.codeVerifier !== undefined && { code_verifier: grant.codeVerifier }),
      ...(!isBasic && { client_id: clientId, client_secret: clientSecret }),
    }),
  });
  return judgeTokenAnswer(await readObject(response), response.status);
}

/** The header for HTTP Basic, with id and secret each form-encoded (RFC 6749, section 2.3.1). */
export function basic({ clientId, clientSecret }: ClientCredentials): string {
  const encode = (part: string) => new URLSearchParams({ part }).toString().slice("part=".length);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString("base64")}`;
}

/** The codes that mean our settings are wrong, rather than what the caller sent. */
const ourFaults = new Set(["invalid_client", "unauthorized_client", "incorrect_client_credentials"]);

/**
 * Errors of Facebook's Graph API that are not about what was sent: unknown, unavailable, too many calls, our
 * application.
 */
export function isGraphOutage({ code }: JsonObject): boolean {
  return [1, 2, 4, 17, 32, 101, 341, 613].includes(Number(code));
}

function judgeTokenAnswer(answer: JsonObject, status: number): JsonObject {
  const { error } = answer;
  if (status === 200 && error === undefined) return answer;
  const name = text(error) ?? "";
  const told = codesOf(answer);
  if (ourFaults.has(name)) throw new ClientRefused(`it rejected our client credentials (${told})`);
  const isAboutCode = isObject(error) ? !isGraphOutage(error) : error !== undefined && !outages.has(name);
  if (status === 429 || !isAboutCode) throw new ProviderUnavailable(`its token endpoint answers ${status} (${told})`);
  throw new ProviderTokenInvalid(`the provider rejected the code (${told})`);
}
