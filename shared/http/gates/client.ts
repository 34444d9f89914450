import { timingSafeEqual } from "node:crypto";
import { Refusal } from "../../audit/refusal.ts";
import { hashClientSecret, parseScope, type OAuthClient } from "../../clients/client.ts";
import type { FoundClient } from "../../clients/store.ts";
import { isClientUseDue } from "../../clients/use-queries.ts";
import type { CallContext } from "../../context.ts";
import { describeError, log } from "../../platform/log.ts";
import { presentedClient, type ClientCredentials } from "../client-credentials.ts";
import type { Gate } from "./gate.ts";

/** Authenticates the OAuth client: by HTTP Basic or by the form (RFC 6749, section 2.3.1), never both. */
export const client: Gate = {
  name: "client",
  when: ({ access }) => access === "client",
  errors: () => ["INVALID_CLIENT", "INVALID_REQUEST"],
  security: [["client"], []],
  refused: { INVALID_CLIENT: "client.refused" },
  async pass(call) {
    call.caller = await authenticate(
      call.context,
      presentedClient(call.request.headers.get("authorization"), call.body),
    );
    call.course = { clientId: call.caller.id };
  },
};

/** Once a day. */
async function noteUse({ services, now }: CallContext, found: FoundClient): Promise<void> {
  if (!isClientUseDue(found.last_used_at, now)) return;
  try {
    await services.clients.noteUse(found, now);
  } catch (error) {
    // The call needs nothing written: a database that only reads still serves it.
    log("warn", "client.use_not_noted", { client_id: found.id, cause: describeError(error) });
  }
}

/**
 * The first-party client is public and only names itself. Unknown client, disabled client and wrong secret get the same
 * answer.
 * @throws ApiError INVALID_CLIENT
 */
async function authenticate(context: CallContext, { id, secret }: ClientCredentials): Promise<OAuthClient> {
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
