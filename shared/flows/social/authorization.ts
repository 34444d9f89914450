import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Attempt } from "../../social/attempts.ts";
import { newAuthorizationSecrets } from "../../social/protocol/authorization-url.ts";
import { codesOf, errorMembers, isCancelled, outages } from "../../social/protocol/provider-errors.ts";
import type { Provider } from "../../social/provider.ts";
import { callbackUrl } from "../../social/providers/providers.ts";
import { allowedRedirect } from "../../social/redirect-targets.ts";
import { ProviderUnavailable } from "../../social/protocol/refusals.ts";
import { invalidField, type ApiError } from "../../platform/errors/api-error.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { Owner } from "../account/live-session.ts";
import type { SecondFactorDue } from "../mfa/second-factor-due.ts";
import { addIdentity, addIdentityCodes } from "./identities.ts";
import { signInWithProvider, signInWithProviderCodes } from "../sign-in/provider-sign-in.ts";

export const providerNamedCodes = ["PROVIDER_NOT_CONFIGURED"] as const;
export const redirectTargetCodes = ["VALIDATION_ERROR"] as const;
export const readMaxAgeCodes = ["VALIDATION_ERROR"] as const;
export const beginAuthorizationCodes = ["PROVIDER_UNAVAILABLE"] as const;
export const finishAuthorizationCodes = [
  "INVALID_STATE",
  "VALIDATION_ERROR",
  "ACCESS_DENIED",
  "PROVIDER_ERROR",
  "PROVIDER_UNAVAILABLE",
  "PROVIDER_TOKEN_INVALID",
  ...signInWithProviderCodes,
  ...addIdentityCodes,
] as const;
const refuse = refusing([...providerNamedCodes, ...finishAuthorizationCodes]);

/** The provider of this name. @throws ApiError PROVIDER_NOT_CONFIGURED */
export function providerNamed({ services: { social } }: CallContext, name: string | undefined): Provider {
  const provider = social.providers.get(name ?? "");
  if (!provider) throw refuse("PROVIDER_NOT_CONFIGURED");
  return provider;
}

/** A URL parameter: a list if it was repeated. */
export type Parameter = string | string[] | undefined;

const redirectRule =
  "must match an entry of REDIRECT_ALLOWLIST (FRONTEND_URL and below by default), written as browsers write it, with a fragment only if the entry has it, and at most 512 characters";

/**
 * Where the browser goes after the sign-in: the requested URL, or FRONTEND_URL if none was requested.
 * @throws ApiError VALIDATION_ERROR if it is repeated, empty or not on the list
 */
export function redirectTarget({ services: { config } }: CallContext, asked: Parameter): string {
  const { frontendUrl } = config.service;
  if (asked === undefined && frontendUrl !== undefined) return frontendUrl;
  const allowed = typeof asked === "string" ? allowedRedirect(asked, config.social.redirectAllowlist) : undefined;
  if (allowed !== undefined) return allowed;
  if (asked === undefined) throw invalidField("redirect_to", "is required, because FRONTEND_URL is not set");
  throw invalidField("redirect_to", Array.isArray(asked) ? "must be given once" : redirectRule);
}

interface Beginning {
  readonly provider: Provider;
  readonly redirectTo: string;
  readonly link?: Owner;
  /** The maximum age of the person's sign-in there: an older one makes the provider ask for the password again. */
  readonly maxAgeSeconds?: number | undefined;
}

/** `max_age` of OpenID Connect Core 1.0, section 3.1.2.1. @throws ApiError VALIDATION_ERROR */
export function readMaxAge(asked: Parameter): number | undefined {
  if (asked === undefined) return undefined;
  if (typeof asked === "string" && /^\d{1,9}$/.test(asked)) return Number(asked);
  throw invalidField("max_age", "must be a whole number of seconds, given once");
}

/**
 * Begins a sign-in at a provider, or the linking of an identity to the account of a session.
 * @returns where to send the browser, and what its cookie must carry
 * @throws ApiError PROVIDER_UNAVAILABLE
 */
export async function beginAuthorization(
  { services, now }: CallContext,
  { provider, redirectTo, link, maxAgeSeconds }: Beginning,
): Promise<{ authorizationUrl: string; sealed: string }> {
  const secrets = newAuthorizationSecrets();
  const redirectUri = callbackUrl(services.config.service.issuer, provider.name);
  const attempt = { provider: provider.name, redirectTo, link, ...secrets };
  return {
    authorizationUrl: await provider.authorizationUrl({ redirectUri, maxAgeSeconds, ...secrets }),
    sealed: await services.social.attempts.seal(attempt, now),
  };
}

/** The attempt that a provider's answer belongs to; undefined if this browser has none with its state. */
export async function findAttempt(
  { services, now }: CallContext,
  { provider, state, sealed }: { provider: Provider; state: Parameter; sealed: readonly string[] },
): Promise<Attempt | undefined> {
  const attempts = await Promise.all(sealed.map((text) => services.social.attempts.open(text, now)));
  return attempts.find((attempt) => attempt?.state === state && attempt?.provider === provider.name);
}

/** An authorization response (RFC 6749, section 4.1.2; RFC 9207). */
export type AuthorizationResponse = Readonly<
  Partial<Record<"code" | "iss" | (typeof errorMembers)[number], Parameter>>
>;

/**
 * Finishes an attempt whose state has been used up.
 * @returns the tokens of a sign-in, or the second factor that is due; undefined if an identity was linked
 * @throws ApiError
 */
export async function finishAuthorization(
  context: CallContext,
  { provider, attempt, response, ...held }: Finish,
): Promise<IssuedTokens | SecondFactorDue | undefined> {
  const { services, now } = context;
  const code = await readCode(provider, response);
  const redirectUri = callbackUrl(services.config.service.issuer, provider.name);
  const { codeVerifier, nonce, link: owner } = attempt;
  const profile = await provider.redeemCode({ code, redirectUri, codeVerifier, nonce }, now);
  if (!owner) return signInWithProvider(context, { provider, profile, ...held });
  await addIdentity(context, { owner, provider, profile });
  return undefined;
}

export interface Finish {
  readonly provider: Provider;
  readonly attempt: Attempt;
  readonly response: AuthorizationResponse;
  /** The refresh token of the session that the browser already has; a sign-in replaces it. */
  readonly replaces: string | undefined;
  /** The token that the device sent. */
  readonly device: string | undefined;
  /** What it sent to be remembered by. */
  readonly remembered: string | undefined;
}

async function readCode(provider: Provider, response: AuthorizationResponse): Promise<string> {
  const { code, iss, ...told } = readOnce(response);
  if (!(await provider.isOwnIssuer(iss)))
    throw refuse("INVALID_STATE", { cause: new Error("the answer names a different issuer, or none") });
  // Some report errors in members of their own. Next to a code these mean nothing.
  const isRefusal = told["error"] !== undefined || (code === undefined && errorMembers.some((name) => told[name]));
  if (isRefusal) throw toError(provider, told);
  if (code === undefined) throw invalidField("code", "is required");
  return code;
}

/**
 * The parameters of an answer: one without a value counts as absent, and none may be repeated (RFC 6749, section 3.1).
 */
function readOnce(response: AuthorizationResponse): Readonly<Record<string, string | undefined>> {
  const entries = Object.entries(response).map(([name, value]) => {
    if (Array.isArray(value)) throw invalidField(name, "must be given once");
    return [name, value === "" ? undefined : value] as const;
  });
  return Object.fromEntries(entries);
}

/** A provider's own refusal. */
function toError({ name }: Provider, told: Readonly<Record<string, string | undefined>>): ApiError {
  const message = `${name} answers ${codesOf(told)}`;
  if (isCancelled(told)) return refuse("ACCESS_DENIED", { cause: new Error(message) });
  if (outages.has(told["error"] ?? "")) return new ProviderUnavailable(message);
  return refuse("PROVIDER_ERROR", { cause: new Error(message) });
}
