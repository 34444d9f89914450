import type { Queries } from "../platform/database/database.ts";
import { createAttempts, type Attempts } from "./attempts.ts";
import { createProviders, type Providers } from "./providers/providers.ts";
import type { SocialSettings } from "./settings.ts";
import { createUsedStateStore, type UsedStateStore } from "./store.ts";

/** Sign-in with social providers. */
export interface Social {
  /** The providers that are set up. */
  readonly providers: Providers;
  /** Pending sign-ins. */
  readonly attempts: Attempts;
  readonly usedStates: UsedStateStore;
}

/** @returns a function that creates it for a connection */
export function createSocial({ providers }: SocialSettings, secretKey: string): (queries: Queries) => Social {
  const shared = { providers: createProviders(providers), attempts: createAttempts(secretKey) };
  return (queries) => ({ ...shared, usedStates: createUsedStateStore(queries) });
}
