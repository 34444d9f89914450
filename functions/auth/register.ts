import * as z from "zod";
import { email, password, toUser, user, username } from "../../shared/api/account.ts";
import { register as registerPerson, registerCodes } from "../../shared/flows/account/register.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const register = endpoint({
  name: "auth-register",
  method: "POST",
  route: "auth/register",
  summary: "Register new user",
  description:
    "Mails a link and a code to the address. If `EMAIL_VERIFICATION` is `required`, answers 202 for every address, and the account exists once the address is proven. A username has 1 to 100 characters. A password has at least `PASSWORD_MIN_LENGTH` characters and at most 1024 bytes, of any kind, and is not easy to guess: if it is refused, `details.fields[].reason` says why, and `feedback` what to do.",
  access: "public",
  limits: ["registration"],
  body: z.strictObject({ email, username, password }),
  reply: z.object({
    user: user.optional().describe("The account, if `EMAIL_VERIFICATION` is `optional`"),
    verification: z.literal("sent").optional().describe("If `EMAIL_VERIFICATION` is `required`"),
  }),
  status: 201,
  orStatus: 202,
  message: "User registered",
  errors: ["EMAIL_ALREADY_REGISTERED", ...registerCodes],
  recorded: ["account.registered", "registration.requested", "registration.refused"],
  refused: { EMAIL_ALREADY_REGISTERED: "registration.refused" },
  async handle({ body, context, fail }) {
    const outcome = await registerPerson(context, body);
    if (outcome === "sent")
      return { status: 202, data: { verification: outcome }, message: "Check your mail to complete the registration" };
    if (outcome === "address taken")
      throw fail("EMAIL_ALREADY_REGISTERED", { about: { reason: outcome, email: body.email } });
    return { data: { user: toUser(outcome.account) } };
  },
});
