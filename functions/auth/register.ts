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
  async handle({ body, context: { services, now, source }, fail }) {
    const fault = passwordFault(body.password, services.config.passwords.minLength);
    if (fault !== undefined) throw invalidField("password", fault);
    const passwordHash = await services.passwords.hash(body.password);
    const { email: address, username: name } = body;
    const account = await services.accounts.create(
      { id: newId(now), email: address, username: name, passwordHash },
      now,
    );
    if (!account) {
      services.audit.record({
        type: "registration.refused",
        reason: "address taken",
        email: body.email,
        source,
      });
      throw fail("EMAIL_ALREADY_REGISTERED");
    }
    services.audit.record({ type: "account.registered", accountId: account.id, source });
    return { data: { user: toUser(account) } };
  },
});
