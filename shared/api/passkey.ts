import * as z from "zod";
import type { Account } from "../accounts/tables.ts";
import type { CallContext } from "../context.ts";
import type { PathParameter } from "../http/path-parameters.ts";
import { namesOf } from "../passkeys/options.ts";
import type { ListedPasskey } from "../passkeys/upkeep-queries.ts";
import { isGuid } from "../platform/settings/types.ts";

/** Any text: one that is malformed is an invalid passkey. */
const base64url = z.string().meta({ examples: ["ZXhhbXBsZQ"] });

const type = z.literal("public-key", { error: 'must be "public-key"' });

/** What of a credential every ceremony has. Browsers may add members, which change nothing. */
const credential = { id: base64url, rawId: base64url, type };

/** `RegistrationResponseJSON` of WebAuthn level 3. */
export const createdCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url,
      attestationObject: base64url,
      transports: z.array(z.string().max(50)).max(20).optional(),
    }),
  })
  .describe("What `navigator.credentials.create()` gave, as its `toJSON()` writes it");

/** `AuthenticationResponseJSON` of WebAuthn level 3. */
export const shownCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url.nullable().optional(),
    }),
  })
  .describe("What `navigator.credentials.get()` gave, as its `toJSON()` writes it");

const descriptors = z.array(z.object({ type, id: z.string(), transports: z.array(z.string()).readonly() }));
const userVerification = z.literal("preferred");

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn level 3. */
export const creationOptionsReply = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type, alg: z.number() })),
    timeout: z.number(),
    excludeCredentials: descriptors,
    authenticatorSelection: z.object({
      residentKey: z.literal("preferred"),
      requireResidentKey: z.boolean(),
      userVerification,
    }),
    attestation: z.literal("none"),
    extensions: z.object({ credProps: z.boolean() }),
  })
  .describe("For `PublicKeyCredential.parseCreationOptionsFromJSON()`");

/** `PublicKeyCredentialRequestOptionsJSON` of WebAuthn level 3. */
export const requestOptionsReply = z
  .object({
    challenge: z.string(),
    rpId: z.string(),
    timeout: z.number(),
    userVerification,
    allowCredentials: descriptors,
  })
  .describe("For `PublicKeyCredential.parseRequestOptionsFromJSON()`");

/** The id of a passkey: lower case, as the service writes it. */
export const passkeyId = {
  schema: z
    .string()
    .refine(isGuid)
    .toLowerCase()
    .describe("An `id` from `GET /auth/passkeys`")
    .meta({ examples: ["3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3"] }),
  otherwise: "NOT_FOUND",
} satisfies PathParameter;

/** An account's passkeys. */
export const passkeysReply = z.object({
  passkeys: z.array(
    z.object({
      id: z.string(),
      credential_id: z.string(),
      name: z.string().nullable(),
      created_at: z.string(),
      last_used_at: z.string().nullable(),
      is_backed_up: z.boolean().describe("Whether it is kept on several devices, as far as its last use said"),
      transports: z.array(z.string()).readonly(),
      aaguid: z.string().describe("The make of the authenticator, as it says itself"),
    }),
  ),
  signal: z
    .object({
      rp_id: z.string(),
      user_id: z.string(),
      credential_ids: z.array(z.string()),
      name: z.string(),
      display_name: z.string(),
    })
    .nullable()
    .describe(
      "For `PublicKeyCredential.signalAllAcceptedCredentials()` and `signalCurrentUserDetails()`; null before the first passkey",
    ),
});

/** The passkeys of an account, oldest first, and what browsers may be told of them. @throws ApiError DATABASE_UNAVAILABLE */
export async function readPasskeys(
  { services: { passkeys, config } }: CallContext,
  account: Account,
): Promise<z.input<typeof passkeysReply>> {
  const shown = (await passkeys.list(account.id)).map(toPasskey);
  const handle = await passkeys.findUserHandle(account.id);
  const { rpId } = config.passkeys;
  if (!handle || rpId === undefined) return { passkeys: shown, signal: null };
  const { name, displayName } = namesOf(account);
  const ids = shown.map(({ credential_id: id }) => id);
  const user = { user_id: handle.toString("base64url"), name, display_name: displayName };
  return { passkeys: shown, signal: { rp_id: rpId, credential_ids: ids, ...user } };
}

function toPasskey({
  credential_id: credentialId,
  created_at: createdAt,
  last_used_at: usedAt,
  ...row
}: ListedPasskey) {
  const times = { created_at: createdAt.toISOString(), last_used_at: usedAt?.toISOString() ?? null };
  return { ...row, ...times, credential_id: credentialId.toString("base64url") };
}

/** Whether passkeys work with these settings. */
export const offersPasskeys = ({ passkeys }: { readonly passkeys: { readonly rpId: string | undefined } }): boolean =>
  passkeys.rpId !== undefined;
