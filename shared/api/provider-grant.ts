import * as z from "zod";
import type { AppGrant } from "../social/provider.ts";
import { email, password } from "./account.ts";
import { solvedCaptcha } from "./captcha.ts";
import { rememberedBy } from "./remembered-device.ts";
import { sessionProof, signInDevice, transport } from "./session.ts";

/** The credentials that an app may send, one of them, each with its further members. */
const companions = {
  code: ["redirect_uri"],
  id_token: ["nonce"],
  access_token: [],
} as const satisfies Record<AppGrant["kind"], readonly string[]>;

/** Codes, tokens and URLs: the characters that are safe in headers and forms. */
export const present = z
  .string()
  .regex(/^[\x21-\x7E]{1,16384}$/, "must have 1 to 16384 printable ASCII characters and no spaces");

/** The members of an app's credentials; `checkGrant` says which go together. */
export const grantMembers = {
  code: present.optional().describe("An authorization code from the provider"),
  redirect_uri: present.optional().describe("The redirect URI that the code was sent to"),
  code_verifier: z
    .string()
    .regex(/^[\w.~-]{43,128}$/, "must have 43 to 128 of the characters that RFC 7636, section 4.1, allows")
    .optional()
    .describe("Required if the provider uses PKCE"),
  id_token: present.optional().describe("From an OpenID provider"),
  nonce: present.optional().describe("The nonce that the id_token must contain; optional with a code"),
  iss: present.optional().describe("With a code: the `iss` parameter of the provider's answer (RFC 9207)"),
  access_token: present.optional().describe("From Facebook or GitHub, issued to this application"),
};

type GrantBody = z.output<z.ZodObject<typeof grantMembers>>;

/** The kinds of credentials in a body. */
function kindsOf(body: Partial<GrantBody>): AppGrant["kind"][] {
  return (["code", "id_token", "access_token"] as const).filter((kind) => body[kind] !== undefined);
}

/** Refuses a body whose members do not go together. */
export function checkGrant(body: GrantBody, context: z.core.$RefinementCtx, others = "id_token, access_token"): void {
  const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
  const [kind, another] = kindsOf(body);
  if (kind === undefined) return refuse("code", `is required, unless one of ${others} is given`);
  if (another !== undefined) return refuse(another, `cannot be combined with ${kind}`);
  const needed: readonly string[] = companions[kind];
  const allowed = new Set([kind, ...needed, ...(kind === "code" ? ["code_verifier", "nonce", "iss"] : [])]);
  const given = new Map(Object.entries(body));
  for (const name of needed) if (given.get(name) === undefined) refuse(name, `is required with ${kind}`);
  for (const name of Object.keys(grantMembers))
    if (given.get(name) !== undefined && !allowed.has(name)) refuse(name, `cannot be combined with ${kind}`);
}

/** An app's credentials from a provider. */
export const grantBody = z
  .strictObject({ ...grantMembers, transport: transport.default("cookie"), ...signInDevice, ...rememberedBy })
  .superRefine((body, context) => checkGrant(body, context));

/** What a person sends to keep a deleted account: address and password, or a provider's code or token. */
export const ownerProofBody = z
  .strictObject({
    email: email.optional(),
    password: password.optional(),
    provider: z.string().optional().describe("The provider of the code or token, in place of email and password"),
    ...grantMembers,
    ...solvedCaptcha,
  })
  .superRefine(({ email: address, password: given, ...body }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (body.provider !== undefined && address === undefined && given === undefined) return checkGrant(body, context);
    if (address === undefined) refuse("email", "is required, unless provider is given");
    if (given === undefined) refuse("password", "is required, unless provider is given");
    for (const name of [...Object.keys(grantMembers), "provider"])
      if (Object.hasOwn(body, name)) refuse(name, "cannot be combined with email and password");
  });

/** An app's credentials for linking an identity; or where the browser goes after its visit to the provider. */
export const linkBody = z
  .strictObject({
    ...grantMembers,
    ...sessionProof,
    transport: transport.optional(),
    redirect_to: z.string().optional(),
  })
  .superRefine(({ redirect_to: redirectTo, ...body }, context) => {
    if (redirectTo === undefined) return checkGrant(body, context, "id_token, access_token, redirect_to");
    if (kindsOf(body).length > 0)
      context.addIssue({
        code: "custom",
        path: ["redirect_to"],
        message: "cannot be combined with code, id_token or access_token",
      });
  });

/** Converts a checked body to a grant. */
export function toGrant(body: GrantBody): AppGrant {
  const { code = "", redirect_uri: redirectUri = "", code_verifier: codeVerifier, nonce, iss } = body;
  if (body.id_token !== undefined) return { kind: "id_token", idToken: body.id_token, nonce: nonce ?? "" };
  if (body.access_token !== undefined) return { kind: "access_token", accessToken: body.access_token };
  return { kind: "code", code, redirectUri, codeVerifier, nonce, iss };
}
