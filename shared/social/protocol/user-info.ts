import { ApiError } from "../../platform/errors/api-error.ts";
import { log } from "../../platform/log.ts";
import { boundedFetch, readObject } from "./bounded-fetch.ts";
import { verifyClaims, type SignatureCheck } from "./id-token.ts";
import { text, type JsonObject } from "./json.ts";
import { codesOf } from "./provider-errors.ts";
import { ProviderTokenInvalid, ProviderUnavailable } from "./refusals.ts";

export interface UserInfoRequest {
  /** The provider's name, for the log. */
  readonly provider: string;
  readonly endpoint: string;
  readonly accessToken: string;
  /** Who the id_token is about. */
  readonly subject: string;
  /** How to check a signed answer. */
  readonly check: SignatureCheck;
}

/**
 * Asks the UserInfo endpoint, where providers may keep what they know about a person (OpenID Connect Core 1.0, section
 * 5.3). The id_token has already signed the person in, so an answer that cannot be read or verified, or that does not
 * say who it is about, becomes an empty object and a warning in the log.
 * @throws ProviderTokenInvalid if the answer is about someone else: tokens were mixed up
 */
export async function askUserInfo(request: UserInfoRequest): Promise<JsonObject> {
  const answer = await read(request).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    log("warn", "provider.user_info_unusable", { provider: request.provider, reason: error.message });
  });
  if (answer && answer["sub"] !== request.subject) throw new ProviderTokenInvalid("UserInfo is about another subject");
  return answer ?? {};
}

async function read({ endpoint, accessToken, check }: UserInfoRequest): Promise<JsonObject> {
  const response = await boundedFetch(endpoint, {
    headers: { Accept: "application/json, application/jwt", Authorization: `Bearer ${accessToken}` },
  });
  if (response.status !== 200) throw new ProviderUnavailable(`its UserInfo endpoint answers ${response.status}`);
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  const isSigned = type.trim().toLowerCase() === "application/jwt";
  const answer = isSigned ? await verifyClaims((await response.text()).trim(), check) : await readObject(response);
  if (text(answer["sub"]) === undefined)
    throw new ProviderUnavailable(`its UserInfo endpoint names no sub (${codesOf(answer)})`);
  return answer;
}
