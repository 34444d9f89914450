import type { CallContext } from "../context.ts";
import * as z from "zod";

/** An identity as its owner sees it. */
export const identitiesReply = z.object({
  identities: z.array(
    z.object({
      provider: z.string(),
      email: z.string().nullable().describe("The address that the provider last reported"),
      created_at: z.string(),
      last_used_at: z.string(),
    }),
  ),
  has_password: z.boolean().describe("Whether the account can also sign in with a password"),
});

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
