import type { CallContext } from "../../context.ts";
import type { Places } from "../../passkeys/credential.ts";

/**
 * Where passkeys work. Endpoints that need it are offered only with these settings.
 * @throws Error if they do not work with these settings
 */
export function placesOf({ services: { config } }: Pick<CallContext, "services">): Places {
  const { rpId, origins } = config.passkeys;
  if (rpId === undefined) throw new Error("passkeys are not offered");
  return { rpId, origins };
}
