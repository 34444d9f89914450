import type { CallContext } from "../../context.ts";

/**
 * Whether the service wants a second factor of an account that has none. Everything that asks it asks here; what an
 * account may do will be asked here, too, once accounts have roles.
 */
export const isFactorRequired = ({ services }: Pick<CallContext, "services">): boolean =>
  services.config.mfa.isRequired;
