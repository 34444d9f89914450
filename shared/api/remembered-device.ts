import * as z from "zod";
import type { Config } from "../config.ts";
import type { CallContext } from "../context.ts";
import { describeUserAgent } from "../devices/user-agent.ts";
import type { SetCookie } from "../http/answer.ts";
import type { PathParameter } from "../http/path-parameters.ts";
import { isGuid } from "../platform/settings/types.ts";

/** Any text: one that is not ours is treated as none. */
export const rememberToken = z.string().meta({ examples: ["an-example-remember-token"] });

/** What a first factor says of a device that need not show a second one, if the cookie does not. */
export const rememberedBy = {
  remember_token: rememberToken
    .optional()
    .describe("The `remember_token` of an earlier `POST /auth/mfa/verify`, for apps without cookies"),
};

/** What a device sends to be remembered by: the body's wins over the cookie's. */
export function presentedRememberToken(
  { service: { isSecure } }: Config,
  {
    body,
    cookies,
  }: {
    body?: { readonly remember_token?: string | undefined } | undefined;
    cookies: ReadonlyMap<string, string>;
  },
): string | undefined {
  return body?.remember_token ?? cookies.get(nameOf(isSecure));
}

/** The cookie by which a device is remembered. */
export function rememberCookie(
  { service: { isSecure }, mfa: { rememberSeconds: maxAge } }: Config,
  value: string,
): SetCookie {
  return { name: nameOf(isSecure), value, path: "/", httpOnly: true, secure: isSecure, sameSite: "Lax", maxAge };
}

const nameOf = (isSecure: boolean): string => (isSecure ? "__Host-mfa_remembered" : "mfa_remembered");

/** The id of a remembered device: lower case, as the service writes it. */
export const rememberedDeviceId = {
  schema: z
    .string()
    .refine(isGuid)
    .toLowerCase()
    .describe("An `id` from `GET /auth/mfa`")
    .meta({ examples: ["3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3"] }),
  otherwise: "NOT_FOUND",
} satisfies PathParameter;

const named = z.string().nullable();

/** The remembered devices of an account, as `GET /auth/sessions` describes sessions. */
export const rememberedDevices = z.array(
  z.object({
    id: z.string(),
    device: named,
    browser: named,
    os: named,
    address: named.describe("The network address it was signed in from last; null if unknown"),
    created_at: z.string(),
    last_used_at: z.string(),
    expires_at: z.string(),
  }),
);

/** The remembered devices of an account, oldest first. @throws ApiError DATABASE_UNAVAILABLE */
export async function readRememberedDevices(
  { services: { mfa }, now }: CallContext,
  accountId: string,
): Promise<z.input<typeof rememberedDevices>> {
  const rows = await mfa.rememberedDevices.list(accountId, now);
  return rows.map(({ id, user_agent: userAgent, address, ...row }) => {
    const { device, browser, os } = describeUserAgent(userAgent);
    return {
      id,
      device,
      browser,
      os,
      address,
      created_at: row.created_at.toISOString(),
      last_used_at: row.last_used_at.toISOString(),
      expires_at: row.expires_at.toISOString(),
    };
  });
}
