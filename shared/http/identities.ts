import type * as z from "zod";
import type { Services } from "../services.ts";
import type { identities } from "./provider-schemas.ts";

/** The ways in to an account, as a reply shows them. */
export async function readIdentities(
  { identities: store, accounts }: Services,
  accountId: string,
): Promise<z.input<typeof identities>> {
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
