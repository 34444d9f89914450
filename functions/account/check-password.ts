import * as z from "zod";
import { password } from "../../shared/api/account.ts";
import { previewPassword } from "../../shared/flows/account/good-password.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { refusalReasons } from "../../shared/passwords/policy/policy.ts";

/** Whose password it is to be, as far as the form knows: half-typed, or wrong. */
const typed = z.string().max(320, "must have at most 320 characters").optional();

export const checkPassword = endpoint({
  name: "account-check-password",
  method: "POST",
  route: "auth/password/check",
  summary: "Find out whether a password may be chosen, while it is typed",
  description:
    "For forms. Answers alike whoever has an account; nothing is kept, logged or sent anywhere. Known from a breach (`breached`) is said here only with `BREACHED_PASSWORDS_FILE`; the range API is asked once the password is sent to be chosen. `email` and `username` are those that the form has, because a password must not consist of them. The feedback is in the language of `Accept-Language`.",
  access: "public",
  limits: ["password_check"],
  recorded: { nothing: "It says what anyone may know of a password, and keeps nothing" },
  refused: { nothing: "It refuses nothing: a bad password is an answer" },
  body: z.strictObject({ password, email: typed, username: typed }),
  reply: z.object({
    acceptable: z.boolean(),
    reason: z.enum(refusalReasons).nullable().describe("Why it may not be chosen; null if it may"),
    score: z.int().nullable().describe("How hard it is to guess, from 0 to 4; null if that was not estimated"),
    feedback: z.object({
      warning: z.string().nullable().describe("What is wrong, or could be better"),
      suggestions: z.array(z.string()),
    }),
  }),
  message: "Password checked",
  async handle({ body, context }) {
    const { reason, strength, feedback } = await previewPassword(context, body);
    const score = strength?.score ?? null;
    return { data: { acceptable: reason === undefined, reason: reason ?? null, score, feedback } };
  },
});
