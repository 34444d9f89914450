import * as z from "zod";
import { providerName } from "../../shared/api/path.ts";
import { providerNamed, providerNamedCodes } from "../../shared/flows/social/authorization.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { redirect, redirection } from "../../shared/http/formats/redirect.ts";
import { callbackUrl } from "../../shared/social/providers/providers.ts";

const code = z.string().optional();
/** The beginning is enough, where Microsoft puts the code; the rest may be long. */
const prose = z
  .string()
  .transform((text) => text.slice(0, 64))
  .optional();

/**
 * Takes the answer of a provider that sends it as a form (OAuth 2.0 Form Post Response Mode). It comes from another site,
 * without the browser's cookies, so the browser is told to repeat the visit with GET.
 */
export const callbackForm = endpoint({
  name: "social-callback-form",
  method: "POST",
  route: "auth/oauth/{provider}/callback",
  path: { provider: providerName },
  summary: "Receive a provider's answer sent as a form (form_post)",
  access: "public",
  limits: ["social"],
  format: redirect,
  recorded: { nothing: "It passes the answer on to social-callback" },
  refused: "sign_in.failed",
  body: z.object({
    state: code,
    code,
    iss: code,
    error: code,
    error_subcode: code,
    error_reason: code,
    error_code: code,
    error_description: prose,
    error_message: prose,
  }),
  reply: redirection,
  status: 303,
  errors: providerNamedCodes,
  async handle({ path, body, context }) {
    const { services } = context;
    const { name } = providerNamed(context, path.provider);
    const answer = new URLSearchParams();
    for (const [parameter, value] of Object.entries(body)) if (value !== undefined) answer.set(parameter, value);
    return { data: { location: `${callbackUrl(services.config.service.issuer, name)}?${answer.toString()}` } };
  },
});
