import type { Enrolment as App } from "@latchkey/client/mfa";
import { useState, type FormEvent } from "react";
import { explain } from "./explain.ts";

interface Told {
  readonly app: App;
  readonly onCode: (code: string) => Promise<unknown>;
}

/** Shows what an authenticator app must be told, and asks for its first code. */
export function Enrolment({ app, onCode }: Told) {
  const [fault, setFault] = useState("");

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    onCode(typeof code === "string" ? code : "").catch((error: unknown) => setFault(explain(error)));
  }

  return (
    <form onSubmit={submit}>
      <p>Scan this code with your authenticator app, or enter the key.</p>
      {/* An image of the page's own: a policy for images must admit data:. */}
      <img width="192" alt="QR code for your app" src={`data:image/svg+xml,${encodeURIComponent(app.qr_svg)}`} />
      <p>
        <code>{app.secret}</code>
      </p>
      <label>
        Code of your app
        <input name="code" inputMode="numeric" autoComplete="one-time-code" required />
      </label>
      <p role="alert">{fault}</p>
      <button type="submit">Add the app</button>
    </form>
  );
}
