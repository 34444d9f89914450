import type { CallContext } from "../context.ts";
import type * as z from "zod";
import type { identitiesReply } from "./provider-schemas.ts";

/** The sign-in methods of an account, as a reply shows them. */
export async function readIdentities(
  { services: { identities: store, accounts } }: CallContext,
  accountId: string,
): Promise<z.input<typeof identitiesReply>> {
  const [list, hasPassword] = [await store.list(accountId), await accounts.hasPassword(accountId)];
  return {
    identities: list.map(({ provider, email, created_at: created, last_used_at: used }) => ({
      provider,
      email,
      created_at: created.toISOString(),
      last_used_at: used.toISOString(),
    })),
    has_password: hasPassword,
  };
}
