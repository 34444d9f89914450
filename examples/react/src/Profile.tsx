import type { User } from "@latchkey/client";
import { useState } from "react";
import { Devices } from "./Devices.tsx";
import { Factors } from "./Factors.tsx";
import { latchkey } from "./latchkey.ts";
import { explain } from "./explain.ts";

export function Profile({ user }: { readonly user: User }) {
  const [said, setSaid] = useState("");

  /** Any API of yours takes the place of `me`: `latchkey.fetch("https://api.example.com/orders")`. */
  async function askTheApi() {
    try {
      const { username, created_at: since } = await latchkey.me();
      setSaid(`${username} has been here since ${new Date(since).toLocaleDateString()}.`);
    } catch (error) {
      setSaid(explain(error));
    }
  }

  return (
    <section>
      <p>
        Signed in as <strong>{user.email ?? user.username}</strong>.
      </p>
      <div className="buttons">
        <button onClick={() => void askTheApi()}>Ask the API</button>
        <button onClick={() => latchkey.logout().catch((error: unknown) => setSaid(explain(error)))}>Log out</button>
      </div>
      <p role="status">{said}</p>
      <Factors />
      <Devices />
    </section>
  );
}
