import type { CallContext } from "../../context.ts";
import { passwordFault } from "../../passwords/policy.ts";
import { invalidField } from "../../platform/errors/api-error.ts";

export const requireGoodPasswordCodes = ["VALIDATION_ERROR"] as const;

/** Refuses a password that may not be chosen. @throws ApiError VALIDATION_ERROR */
export function requireGoodPassword({ services }: CallContext, password: string): void {
  const fault = passwordFault(password, services.config.passwords.minLength);
  if (fault !== undefined) throw invalidField("password", fault);
}
