import * as z from "zod";
import { password } from "../../shared/api/account.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { changePassword as change, changePasswordCodes } from "../../shared/flows/account/change-password.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const changePassword = endpoint({
  name: "account-change-password",
  method: "POST",
  route: "auth/password/change",
  summary: "Change the password, or set the first one",
  description:
    "The present password is the fresh sign-in. An account without a password sets one without `current_password`, after a recent sign-in. The new password must differ from the present one. Ends the other sessions.",
  access: "session",
  confirmation: "session_proof",
  limits: ["credentials"],
  recorded: ["password.changed", "session.ended"],
  refused: "password.change_refused",
  body: z.strictObject({ current_password: password.optional(), password, ...sessionProof }),
  reply: z.object({ password_changed: z.literal(true) }),
  message: "Password changed",
  errors: changePasswordCodes,
  async handle({ body, principal, context }) {
    await change(context, { principal, currentPassword: body.current_password, password: body.password });
    return { data: { password_changed: true as const } };
  },
});
