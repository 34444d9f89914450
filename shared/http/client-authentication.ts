import type { CallContext } from "../context.ts";
import { timingSafeEqual } from "node:crypto";
import { hashClientSecret, parseScope, type OAuthClient } from "../clients/client.ts";
import { ApiError } from "../platform/errors.ts";

/** The parameters by which a client names itself in a form (RFC 6749, section 2.3.1). */
export interface ClientParameters {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

export interface ClientCredentials {
  readonly authorization: string | null;
  readonly parameters: ClientParameters;
}

/**
 * Which client is calling: by HTTP Basic or by the form, never by both; the first-party client is public and names itself
 * alone. Unknown, disabled and wrong secret are one answer.
 * @throws ApiError INVALID_CLIENT or INVALID_REQUEST
 */
export async function authenticateClient(
  context: CallContext,
  { authorization, parameters }: ClientCredentials,
): Promise<OAuthClient> {
  const { services } = context;
  const { id, secret } = presented(authorization, parameters);
  if (id === services.config.tokens.clientId && secret === undefined) return { id, isPublic: true, scopes: [] };
  const row = id === undefined ? undefined : await services.clients.find(id);
  const isMatch = row && secret !== undefined && timingSafeEqual(row.secret_hash, hashClientSecret(secret));
  if (row && isMatch && row.disabled_at === null) return { id: row.id, isPublic: false, scopes: parseScope(row.scope) };
  const disabled = isMatch ? "disabled" : "credentials";
  const reason = row ? disabled : "unknown client";
  await services.audit.record(context, { type: "client.refused", reason, clientId: row?.id });
  throw new ApiError("INVALID_CLIENT");
}

interface Presented {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

function presented(authorization: string | null, parameters: ClientParameters): Presented {
  const inForm = { id: parameters.client_id, secret: parameters.client_secret };
  if (authorization === null) return inForm;
  const basic = readBasic(authorization);
  if (!basic) return { id: undefined, secret: undefined };
  if (inForm.secret !== undefined) throw invalidRequest("The client authenticates itself in two ways");
  if (inForm.id !== undefined && inForm.id !== basic.id) throw invalidRequest("The request names two clients");
  return basic;
}

function invalidRequest(reason: string): ApiError {
  return new ApiError("INVALID_REQUEST", { details: { reason } });
}

/** Both parts are form-encoded before they are put together (RFC 6749, section 2.3.1). */
function readBasic(authorization: string): Presented | undefined {
  const encoded = /^Basic +([A-Za-z\d+/]+={0,2})$/i.exec(authorization)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString("utf8")) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    return { id: decodeFormText(id), secret: secret === "" ? undefined : decodeFormText(secret) };
  } catch {
    return undefined;
  }
}

function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
