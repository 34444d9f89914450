import * as z from "zod";
import { email, password } from "../../shared/api/account.ts";
import { signedInAnew, signInReply, transport } from "../../shared/api/session.ts";
import { signInWithPassword } from "../../shared/flows/sign-in/password-sign-in.ts";
import { readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const login = endpoint({
  name: "auth-login",
  method: "POST",
  route: "auth/login",
  summary: "User login",
  description:
    'The answer sets the refresh cookie. With `transport: "body"` the refresh token is in the answer instead.',
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  body: z.strictObject({ email, password, transport: transport.default("cookie") }),
  reply: signInReply,
  message: "Login successful",
  errors: ["INVALID_CREDENTIALS", "OVERLOADED"],
  async handle({ body: { transport: via, ...credentials }, cookies, context, fail }) {
    const { services, now } = context;
    const replaces = readRefreshCookie(services.config, cookies);
    const tokens = await signInWithPassword(context, { ...credentials, replaces });
    if (!tokens) throw fail("INVALID_CREDENTIALS");
    return signedInAnew(tokens, { config: services.config, now, via, cookies });
  },
});
