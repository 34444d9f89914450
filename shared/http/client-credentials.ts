import { textMember } from "./body.ts";
import { invalidRequest } from "./form-body.ts";

/** How an OAuth client says who it is. */
export interface ClientCredentials {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

/**
 * What a client presents: by HTTP Basic or in the form (RFC 6749, section 2.3.1), never both.
 * @throws ApiError INVALID_REQUEST if the client names itself in two ways
 */
export function presentedClient(authorization: string | null, body: unknown): ClientCredentials {
  const inForm = { id: textMember(body, "client_id"), secret: textMember(body, "client_secret") };
  if (authorization === null) return inForm;
  const basic = readBasic(authorization);
  if (!basic) return { id: undefined, secret: undefined };
  if (inForm.secret !== undefined) throw invalidRequest("The request authenticates the client in two ways");
  if (inForm.id !== undefined && inForm.id !== basic.id) throw invalidRequest("The request names two clients");
  return basic;
}

/** The client that a call names, before anything of it is believed. */
export function namedClient(authorization: string | null, body: unknown): string | undefined {
  return (authorization === null ? undefined : readBasic(authorization)?.id) ?? textMember(body, "client_id");
}

/** Both parts are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function readBasic(authorization: string): ClientCredentials | undefined {
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
