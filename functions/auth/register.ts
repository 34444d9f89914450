import * as z from "zod";
import { email, password, toUser, user, username } from "../../shared/api/account.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { passwordFault } from "../../shared/passwords/policy.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { invalidField } from "../../shared/platform/errors/api-error.ts";

export const register = endpoint({
  name: "auth-register",
  method: "POST",
  route: "auth/register",
  summary: "Register new user",
  description:
    "A username has 1 to 100 characters. A password has at least `PASSWORD_MIN_LENGTH` characters and at most 1024 bytes; there is no other rule.",
  access: "public",
  limits: ["registration"],
  body: z.strictObject({ email, username, password }),
  reply: z.object({ user }),
  status: 201,
  message: "User registered",
  errors: ["EMAIL_ALREADY_REGISTERED", "OVERLOADED", "VALIDATION_ERROR"],
  refused: { EMAIL_ALREADY_REGISTERED: "registration.refused" },
  async handle({ body, context, fail }) {
    const { services, now, locale } = context;
    const fault = passwordFault(body.password, services.config.passwords.minLength);
    if (fault !== undefined) throw invalidField("password", fault);
    const passwordHash = await services.passwords.hash(body.password);
    const { email: address, username: name } = body;
    const id = newId(now);
    const account = await services.change(
      context,
      ({ accounts }) => accounts.create({ id, email: address, username: name, passwordHash, locale }, now),
      { type: "account.registered", accountId: id },
    );
    if (!account) throw fail("EMAIL_ALREADY_REGISTERED", { about: { reason: "address taken", email: address } });
    return { data: { user: toUser(account) } };
  },
});
