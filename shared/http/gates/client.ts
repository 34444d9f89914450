import { timingSafeEqual } from "node:crypto";
import { Refusal } from "../../audit/refusal.ts";
import { hashClientSecret, parseScope, type OAuthClient } from "../../clients/client.ts";
import type { FoundClient } from "../../clients/store.ts";
import { isClientUseDue } from "../../clients/use-queries.ts";
import type { CallContext } from "../../context.ts";
import { describeError, log } from "../../platform/log.ts";
import { textMember } from "../body.ts";
import { invalidRequest } from "../form-body.ts";
import type { Gate } from "./gate.ts";

/** Authenticates the OAuth client: by HTTP Basic or by the form (RFC 6749, section 2.3.1), never both. */
export const client: Gate = {
  name: "client",
  when: ({ access }) => access === "client",
  errors: () => ["INVALID_CLIENT", "INVALID_REQUEST"],
  security: [["client"], []],
  refused: { INVALID_CLIENT: "client.refused" },
  async pass(call) {
    const inForm = { id: textMember(call.body, "client_id"), secret: textMember(call.body, "client_secret") };
    call.caller = await authenticate(call.context, presented(call.request.headers.get("authorization"), inForm));
  },
};

/** Once a day. */
async function noteUse({ services, now }: CallContext, client: FoundClient): Promise<void> {
  if (!isClientUseDue(client.last_used_at, now)) return;
  try {
    await services.clients.noteUse(client, now);
  } catch (error) {
    // The call needs nothing written: a database that only reads still serves it.
    log("warn", "client.use_not_noted", { client_id: client.id, cause: describeError(error) });
  }
}

interface Presented {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

/**
 * The first-party client is public and only names itself. Unknown client, disabled client and wrong secret get the same
 * answer.
 * @throws ApiError INVALID_CLIENT
 */
async function authenticate(context: CallContext, { id, secret }: Presented): Promise<OAuthClient> {
  const { services } = context;
  if (id === services.config.tokens.clientId && secret === undefined) return { id, isPublic: true, scopes: [] };
  const row = id === undefined ? undefined : await services.clients.find(id);
  const isMatch = row && secret !== undefined && timingSafeEqual(row.secret_hash, hashClientSecret(secret));
  if (row && isMatch && row.disabled_at === null) {
    await noteUse(context, row);
    return { id: row.id, isPublic: false, scopes: parseScope(row.scope) };
  }
  const disabled = isMatch ? "disabled" : "credentials";
  const reason = row ? disabled : "unknown client";
  throw new Refusal("INVALID_CLIENT", { about: { reason, clientId: row?.id } });
}

/** @throws ApiError INVALID_REQUEST if the client names itself in two ways */
function presented(authorization: string | null, inForm: Presented): Presented {
  if (authorization === null) return inForm;
  const basic = readBasic(authorization);
  if (!basic) return { id: undefined, secret: undefined };
  if (inForm.secret !== undefined) throw invalidRequest("The request authenticates the client in two ways");
  if (inForm.id !== undefined && inForm.id !== basic.id) throw invalidRequest("The request names two clients");
  return basic;
}

/** Both parts are form-encoded before they are joined (RFC 6749, section 2.3.1). */
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
