import { createClient, type User } from "@latchkey/client";
import { use, useSyncExternalStore } from "react";

export const latchkey = createClient({
  baseUrl: import.meta.env["VITE_LATCHKEY_URL"] ?? "http://localhost:7071",
  // Beside the service these get the access token: the APIs of your own.
  apiOrigins: [location.origin],
});

/** Whoever was signed in when the page was opened. Rejected when the service is away, which is no sign-out. */
const restored = latchkey.refresh();

/** Who is signed in, in this tab and all others. Suspends until that is known. @throws LatchkeyError */
export function useUser(): User | undefined {
  use(restored);
  return useSyncExternalStore(latchkey.onChange, () => latchkey.user);
}
