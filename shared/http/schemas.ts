import * as z from "zod";
import { isEmail } from "../accounts/email.ts";
import { isUsername } from "../accounts/username.ts";
import { isPossiblePassword } from "../passwords/policy.ts";
import type { PrincipalAccount } from "../sessions/tables.ts";

/** How a refresh token travels: as a cookie for browsers, in the body for native apps and cross-site pages. */
export const transport = z.enum(["cookie", "body"], { error: 'must be "cookie" or "body"' });

export const email = z
  .string()
  .refine(isEmail, "must be an email address")
  .meta({ examples: ["ada@example.com"] });
export const username = z.string().refine(isUsername, "must have 1 to 100 characters and no control characters");
export const password = z
  .string()
  .refine(isPossiblePassword, "must be valid Unicode text of at most 1024 bytes")
  .meta({ examples: ["correct horse battery"] });
/** Any text: what is no token of ours is answered as an unknown one. */
export const refreshToken = z.string().meta({ examples: ["an-example-refresh-token"] });

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
  is_active: z.boolean(),
  email_verified: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  last_login: z.string().nullable(),
});

/** What signing in and refreshing answer. */
export const signInReply = z.object({
  access_token: z.string().meta({ examples: ["an.example.access-token"] }),
  token_type: z.literal("bearer"),
  expires_in: z.number().describe("Seconds until the access token expires"),
  user,
  refresh_token: refreshToken.optional().describe('Only with `transport: "body"`'),
});

/** An account as a reply shows it; instants in ISO 8601, UTC. */
export function toUser(account: PrincipalAccount): z.input<typeof user> {
  return {
    id: account.id,
    email: account.email,
    username: account.username,
    name: account.name,
    picture: account.picture,
    provider: account.provider,
    is_active: account.is_active,
    email_verified: account.email_verified_at !== null,
    created_at: account.created_at.toISOString(),
    updated_at: account.updated_at.toISOString(),
    last_login: account.last_login_at?.toISOString() ?? null,
  };
}

/** How a client names itself in a form; `authenticateClient` reads them. */
export const clientParameters = {
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
};

const texts = z.array(z.string());

/** What the service says of itself (RFC 8414, section 2; OpenID Connect Discovery 1.0, section 3). */
export const serverMetadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  response_types_supported: texts,
  grant_types_supported: texts,
  subject_types_supported: texts,
  id_token_signing_alg_values_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  revocation_endpoint_auth_methods_supported: texts,
  introspection_endpoint_auth_methods_supported: texts,
  claims_supported: texts,
});
