import { createClient, type User } from "@latchkey/client";
import { use, useSyncExternalStore } from "react";

export const latchkey = createClient({ baseUrl: import.meta.env["VITE_LATCHKEY_URL"] ?? "http://localhost:7071" });

/** Whoever was signed in when the page was opened. A service that is away shows when it is asked again. */
const restored = latchkey.refresh().catch(() => undefined);

/** Who is signed in, in this tab and all others. Suspends until that is known. */
export function useUser(): User | undefined {
  use(restored);
  return useSyncExternalStore(latchkey.onChange, () => latchkey.user);
}
