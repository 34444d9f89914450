import { AnswerTooLong, fetchWithin } from "../../platform/fetch-within.ts";
import { isObject, parseJson, type JsonObject } from "./json.ts";
import { codesOf } from "./provider-errors.ts";
import { ProviderUnavailable } from "./refusals.ts";

/**
 * Calls a provider within 5 seconds, reads at most 256 KiB, and follows no redirect. A GET is retried once if the
 * connection fails or the provider answers 5xx; a POST only if `isRepeatable` says that it changes nothing.
 * @returns an answer below 500, with its body read
 * @throws ProviderUnavailable
 */
export async function boundedFetch(
  url: string,
  { isRepeatable, ...init }: RequestInit & { isRepeatable?: boolean } = {},
): Promise<Response> {
  const { host } = new URL(url);
  const mayRepeat = isRepeatable ?? (init.method ?? "GET") === "GET";
  const signal = AbortSignal.timeout(limitMilliseconds);
  const attempt = () => fetchOnce(url, { ...init, signal });
  try {
    return await attempt();
  } catch (error) {
    if (!mayRepeat || !(error instanceof Unanswered) || signal.aborted) throw unavailable(host, error);
  }
  try {
    return await attempt();
  } catch (error) {
    throw unavailable(host, error);
  }
}

/** For a call and its retry together. */
const limitMilliseconds = 5000;
const maxBytes = 256 * 1024;

/** Reads an answer that must be a JSON object. @throws ProviderUnavailable */
export async function readObject(response: Response): Promise<JsonObject> {
  const value = parseJson(await response.text());
  if (isObject(value)) return value;
  throw new ProviderUnavailable(`an answer (${response.status}) is not a JSON object`);
}

/** Worth a retry: the connection failed, or the provider has a problem of its own. */
class Unanswered extends Error {}

async function fetchOnce(url: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
  const { status, headers, body } = await fetchWithin(url, { ...init, maxBytes }).catch((cause: unknown) => {
    if (!(cause instanceof AnswerTooLong)) throw new Unanswered("does not answer", { cause });
    throw new ProviderUnavailable(`${new URL(url).host} answers more than 256 KiB`);
  });
  if (status >= 500) throw new Unanswered(`answers ${status} (${codesOf(toObject(body))})`);
  if (status >= 300 && status < 400) throw new ProviderUnavailable(`${new URL(url).host} redirects`);
  // These must not have a body (RFC 9110, sections 15.3.5 and 15.3.6).
  const hasNone = status === 204 || status === 205;
  return new Response(hasNone ? null : body, { status, headers });
}

function toObject(body: Uint8Array): JsonObject {
  const value = parseJson(new TextDecoder().decode(body));
  return isObject(value) ? value : {};
}

function unavailable(host: string, error: unknown): ProviderUnavailable {
  if (error instanceof ProviderUnavailable) return error;
  // The message of any other error may quote what was being sent.
  if (!(error instanceof Unanswered)) return new ProviderUnavailable(`${host} cannot be called`);
  return new ProviderUnavailable(`${host} ${error.message}`, error.cause);
}
