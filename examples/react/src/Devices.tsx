import { endSession, sessions, type SessionEntry } from "@latchkey/client/account";
import { useEffect, useState } from "react";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

/** Where the person is signed in, and how to end that. */
export function Devices() {
  const [found, setFound] = useState<readonly SessionEntry[]>([]);
  const [fault, setFault] = useState("");

  useEffect(() => {
    sessions(latchkey).then(setFound, (error: unknown) => setFault(explain(error)));
  }, []);

  async function end(id: string) {
    try {
      await endSession(latchkey, id);
      setFound(await sessions(latchkey));
    } catch (error) {
      setFault(explain(error));
    }
  }

  return (
    <section>
      <h2>Devices</h2>
      <ul>
        {found.map(({ id, browser, os, current, last_used_at: usedAt }) => (
          <li key={id}>
            {[browser, os].filter(Boolean).join(", ") || "Unknown device"}
            {current ? " (this one)" : `, last used ${new Date(usedAt).toLocaleString()} `}
            {!current && <button onClick={() => void end(id)}>Log out</button>}
          </li>
        ))}
      </ul>
      <p role="alert">{fault}</p>
    </section>
  );
}
