import * as z from "zod";
import { isEmail } from "../accounts/email.ts";
import { isUsername } from "../accounts/username.ts";
import { isPossiblePassword } from "../passwords/policy.ts";
import type { PrincipalAccount } from "../sessions/tables.ts";

/** How a refresh token travels: as a cookie for browsers, in the body for native apps and cross-site pages. */
export const transport = z.enum(["cookie", "body"], { error: 'must be "cookie" or "body"' });

export const email = z.string().refine(isEmail, "must be an email address");
export const username = z
  .string()
  .refine(isUsername, "must have 1 to 100 characters, none of them a control character");
export const password = z.string().refine(isPossiblePassword, "must be valid Unicode text of at most 1024 bytes");
/** Any text: what is no token of ours is answered as an unknown one. */
export const refreshToken = z.string();

/** An account as its owner sees it. */
export const user = z.object({
  id: z.string(),
  email: z.string().nullable(),
  username: z.string(),
  provider: z
    .string()
    .nullable()
    .describe("The social provider that the account was made with; null for one made with a password"),
  is_active: z.boolean(),
  email_verified: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  last_login: z.string().nullable(),
});

/** What signing in and refreshing answer. */
export const signInReply = z.object({
  access_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.number().describe("Seconds until the access token expires"),
  user,
  refresh_token: z.string().optional().describe('Only with `transport: "body"`'),
});

/** An account as a reply shows it; instants in ISO 8601, UTC. */
export function toUser(account: PrincipalAccount): z.input<typeof user> {
  return {
    id: account.id,
    email: account.email,
    username: account.username,
    provider: account.provider,
    is_active: account.is_active,
    email_verified: account.email_verified_at !== null,
    created_at: account.created_at.toISOString(),
    updated_at: account.updated_at.toISOString(),
    last_login: account.last_login_at?.toISOString() ?? null,
  };
}
