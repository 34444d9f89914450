import * as z from "zod";
import type { Config } from "../config.ts";
import type { CallContext } from "../context.ts";
import type { SetCookie } from "../http/answer.ts";
import { deviceCookie } from "../http/cookies.ts";
import type { PathParameter } from "../http/path-parameters.ts";
import type { CodeFactor, SecondFactor } from "../mfa/store.ts";
import type { ShownCredential } from "../passkeys/credential.ts";
import { isGuid } from "../platform/settings/types.ts";
import type { IssuedTokens } from "../sessions/issued-tokens.ts";
import { shownCredential } from "./passkey.ts";
import { readRememberedDevices, rememberedDevices } from "./remembered-device.ts";
import { deviceId, signedInAnew, signInReply, type transport } from "./session.ts";

/** Any text: one that is not a token of ours is treated as an unknown token. */
export const mfaToken = z.string().meta({ examples: ["an-example-mfa-token"] });

export const secondFactor = z
  .enum(["totp", "recovery", "email", "passkey"], { error: 'must be "totp", "recovery", "email" or "passkey"' })
  .describe("The code of an authenticator app, a recovery code, the code of a mail, or a passkey");

/** Any text: one that cannot be a code is a wrong one. */
export const typedCode = z.string().meta({ examples: ["123456"] });

/** What shows a second factor: a code, or what a passkey has signed. */
export const factorMembers = {
  method: secondFactor,
  code: typedCode.optional().describe("Unless the method is `passkey`"),
  credential: shownCredential.optional(),
};

type FactorBody = z.output<z.ZodObject<typeof factorMembers>>;

/** Refuses a body whose method is shown by another member. */
export function checkFactor({ method, code, credential }: FactorBody, context: z.core.$RefinementCtx): void {
  const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
  const [needed, other] = method === "passkey" ? (["credential", "code"] as const) : (["code", "credential"] as const);
  const given = { code, credential };
  if (given[needed] === undefined) refuse(needed, `is required with the method ${method}`);
  if (given[other] !== undefined) refuse(other, `cannot be combined with the method ${method}`);
}

/** What a checked body shows. */
export function toFactor({ method, code = "", credential }: FactorBody): FactorProof {
  return method === "passkey" ? { method, credential } : { method, code };
}

/** What a person sends to show a second factor. */
type FactorProof =
  | { readonly method: CodeFactor; readonly code: string }
  | { readonly method: "passkey"; readonly credential: ShownCredential | undefined };

export const factorName = z
  .string()
  .trim()
  .regex(/^[^\p{C}\u2028\u2029]{1,50}$/u, "must have 1 to 50 characters and no control characters")
  .describe("To tell it from others");

/** The id of a factor: lower case, as the service writes it. */
export const factorId = {
  schema: z
    .string()
    .refine(isGuid)
    .toLowerCase()
    .describe("An `id` from `GET /auth/mfa`")
    .meta({ examples: ["3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3"] }),
  otherwise: "NOT_FOUND",
} satisfies PathParameter;

/** The answer to a right first factor where a second one is due. */
const secondFactorDueReply = z.object({
  mfa_required: z.literal(true),
  mfa_token: mfaToken.describe("For `POST /auth/mfa/verify`, once"),
  methods: z.array(secondFactor).describe("What the account can show"),
  expires_in: z.number().describe("Seconds until the `mfa_token` expires"),
  device_id: deviceId.optional().describe('With `transport: "body"`: send it with the second factor'),
});

/** The answer to a right first factor where a second one is required, and the account has none. */
const enrolmentDueReply = secondFactorDueReply.omit({ mfa_required: true }).extend({
  mfa_enrolment_required: z.literal(true),
  mfa_token: mfaToken.describe("For `POST /auth/mfa/enrolment`, and nothing else"),
  methods: z.array(secondFactor).describe("What may be enrolled"),
});

/** The reply of a first factor. */
export const firstFactorReply = z.union([signInReply, secondFactorDueReply, enrolmentDueReply]);

/** A sign-in whose first factor was right, and that waits for a second one. */
interface Due {
  readonly due: readonly SecondFactor[];
  readonly isEnrolment: boolean;
  readonly mfaToken: string;
  readonly expiresInSeconds: number;
  readonly device: { readonly token: string };
}

interface Answered {
  readonly data: z.input<typeof firstFactorReply>;
  readonly message?: string;
  readonly cookies?: SetCookie[];
}

/** The answer to a first factor: the tokens of a sign-in that is over with it, or how it goes on. The session in the browser stays until it is over. */
export function afterFirstFactor(
  context: CallContext,
  outcome: IssuedTokens | Due,
  how: { via: z.output<typeof transport>; cookies: ReadonlyMap<string, string> },
): Answered {
  if (!("due" in outcome)) return signedInAnew(context, outcome, how);
  const { due, isEnrolment, mfaToken: token, expiresInSeconds, device } = outcome;
  const required = isEnrolment ? { mfa_enrolment_required: true as const } : { mfa_required: true as const };
  const data = { ...required, mfa_token: token, methods: [...due], expires_in: expiresInSeconds };
  const message = isEnrolment ? "A second factor must be added" : "A second factor is required";
  if (how.via === "body") return { data: { ...data, device_id: device.token }, message };
  return { data, message, cookies: [deviceCookie(context.services.config, device.token)] };
}

/** Where a browser goes on after a provider's answer, and the cookies by which it can. `mfa_required`, or `mfa_enrolment_required`, in the query tells what the account can show, or may enrol. */
export function toSecondFactor(
  { services: { config } }: CallContext,
  { due, isEnrolment, mfaToken: token, expiresInSeconds, device }: Due,
  page: string,
) {
  const url = new URL(page);
  url.searchParams.set(isEnrolment ? "mfa_enrolment_required" : "mfa_required", due.join(" "));
  return { url: url.href, cookies: [mfaCookie(config, token, expiresInSeconds), deviceCookie(config, device.token)] };
}

/** The `mfa_token` that the browser got with a provider's answer, which no script reads. */
export function readMfaCookie(
  { service: { isSecure } }: Config,
  cookies: ReadonlyMap<string, string>,
): string | undefined {
  return cookies.get(nameOf(isSecure));
}

/** Makes the browser forget it. */
export const clearedMfaCookie = (config: Config): SetCookie => mfaCookie(config, "", 0);

function mfaCookie({ service: { isSecure } }: Config, value: string, maxAge: number): SetCookie {
  return { name: nameOf(isSecure), value, path: "/", httpOnly: true, secure: isSecure, sameSite: "Lax", maxAge };
}

const nameOf = (isSecure: boolean): string => (isSecure ? "__Host-mfa_token" : "mfa_token");

/** What an app must be told that is being enrolled. */
export const enrolmentReply = z.object({
  id: z.string(),
  secret: z.string().describe("In base32, for an app that cannot scan"),
  uri: z.string().describe("`otpauth://…`, for an app on the same device"),
  qr_svg: z.string().describe("The same as a QR code"),
});

/** An account's second factors. */
export const factorsReply = z.object({
  factors: z.array(
    z.object({
      id: z.string(),
      type: z.literal("totp"),
      name: z.string().nullable(),
      created_at: z.string(),
      last_used_at: z.string().nullable(),
    }),
  ),
  recovery_codes_left: z.number(),
  remembered_devices: rememberedDevices.describe("Where signing in takes no second factor for a time"),
});

/** The second factors of an account, oldest first. @throws ApiError DATABASE_UNAVAILABLE */
export async function readFactors(context: CallContext, accountId: string): Promise<z.input<typeof factorsReply>> {
  const { mfa } = context.services;
  const apps = await mfa.totp.list(accountId);
  return {
    factors: apps.map(({ id, name, created_at: createdAt, last_used_at: usedAt }) => ({
      id,
      type: "totp" as const,
      name,
      created_at: createdAt.toISOString(),
      last_used_at: usedAt?.toISOString() ?? null,
    })),
    recovery_codes_left: await mfa.recoveryCodes.countLeft(accountId),
    remembered_devices: await readRememberedDevices(context, accountId),
  };
}
