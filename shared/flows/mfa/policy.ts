import type { CallContext } from "../../context.ts";

/**
 * Whether the service wants a second factor of an account that has none. Flows ask here; what sensitive
 * changes demand is asked in `services.ts`. What an
 * account may do will be asked here, too, once accounts have roles.
 */
export const isFactorRequired = ({ services }: Pick<CallContext, "services">): boolean =>
  services.config.mfa.isRequired;
