import * as z from "zod";
import { isEmail } from "../accounts/email.ts";
import { canonicalTag } from "../accounts/language-tag.ts";
import { isUsername } from "../accounts/username.ts";
import { isPossiblePassword } from "../passwords/text.ts";
import type { Account } from "../accounts/tables.ts";

export const email = z
  .string()
  .refine(isEmail, "must be an email address")
  .meta({ examples: ["ada@example.com"] });
export const username = z.string().refine(isUsername, "must have 1 to 100 characters and no control characters");
export const password = z
  .string()
  .refine(isPossiblePassword, "must be valid Unicode text of at most 1024 bytes")
  .meta({ examples: ["seven grey herons at dawn"] });
/** A language, in its canonical form. */
export const locale = z
  .string()
  .refine((text) => canonicalTag(text) !== undefined, "must be a BCP 47 language tag of 35 characters at most")
  .transform((text) => canonicalTag(text) ?? text)
  .meta({ examples: ["de-AT"] });
/** An account as its owner sees it. */
export const user = z.object({
  id: z.string(),
  email: z.string().nullable(),
  username: z.string(),
  name: z.string().nullable().describe("From the provider last used to sign in; null if none"),
  picture: z.string().nullable().describe("URL of a picture, from the provider last used to sign in; null if none"),
  provider: z
    .string()
    .nullable()
    .describe("The provider that the account was created with; null if it was created with a password"),
  locale: z.string().nullable().describe("The person's language, a BCP 47 tag; null if it is not known"),
  is_active: z.boolean(),
  email_verified: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  last_login: z.string().nullable(),
});

/** An account as a reply shows it; times in ISO 8601, UTC. */
export function toUser(account: Account): z.input<typeof user> {
  return {
    id: account.id,
    email: account.email,
    username: account.username,
    name: account.name,
    picture: account.picture,
    provider: account.provider,
    locale: account.locale,
    is_active: account.is_active,
    email_verified: account.email_verified_at !== null,
    created_at: account.created_at.toISOString(),
    updated_at: account.updated_at.toISOString(),
    last_login: account.last_login_at?.toISOString() ?? null,
  };
}
