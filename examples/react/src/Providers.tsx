import type { Provider } from "@latchkey/client";
import { useEffect, useState } from "react";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

/** A button for every social provider that the service has. */
export function Providers({ onFault }: { readonly onFault: (text: string) => void }) {
  const [providers, setProviders] = useState<Provider[]>([]);

  useEffect(() => {
    latchkey.providers().then(setProviders, (error: unknown) => onFault(explain(error)));
  }, [onFault]);

  return (
    <div className="buttons">
      {providers.map(({ name, display_name: displayName }) => (
        <button key={name} onClick={() => latchkey.signInWith(name).catch((error: unknown) => onFault(explain(error)))}>
          Continue with {displayName}
        </button>
      ))}
    </div>
  );
}
