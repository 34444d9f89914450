import { withProof } from "@latchkey/client/account";
import {
  addTotp,
  confirmTotp,
  factors,
  makeRecoveryCodes,
  removeTotp,
  type Enrolment as App,
} from "@latchkey/client/mfa";
import { addPasskey, passkeys, removePasskey } from "@latchkey/client/passkeys";
import { useEffect, useState } from "react";
import { Enrolment } from "./Enrolment.tsx";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

interface Row {
  readonly id: string;
  readonly title: string;
  readonly remove: () => Promise<unknown>;
}

/** When a change needs a proof: the password, or with an app its code. Your app has a dialog for this. */
const holder = withProof(latchkey, async () => {
  const hasApp = (await factors(latchkey)).factors.length > 0;
  const given = prompt(hasApp ? "Code of your authenticator app" : "Your password");
  if (given === null) return undefined;
  return hasApp ? { method: "totp", code: given } : { password: given };
});

/** Authenticator apps and passkeys. */
async function load(): Promise<Row[]> {
  const { factors: apps } = await factors(latchkey);
  // A service on an IP address has no passkeys.
  const keys = await passkeys(latchkey).catch(() => []);
  return [
    ...apps.map(({ id, name }) => ({ id, title: name ?? "Authenticator app", remove: () => removeTotp(holder, id) })),
    ...keys.map(({ id, name }) => ({ id, title: name ?? "Passkey", remove: () => removePasskey(holder, id) })),
  ];
}

/** How the person signs in besides the password. */
export function Factors() {
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [app, setApp] = useState<App>();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [fault, setFault] = useState("");

  async function attempt(work: () => Promise<unknown>) {
    setFault("");
    try {
      await work();
      setRows(await load());
    } catch (error) {
      setFault(explain(error));
    }
  }
  useEffect(() => {
    load().then(setRows, (error: unknown) => setFault(explain(error)));
  }, []);

  async function confirm(id: string, code: string) {
    await confirmTotp(holder, id, code);
    setApp(undefined);
    await attempt(async () => setCodes(await makeRecoveryCodes(holder)));
  }

  return (
    <section>
      <h2>Second factors and passkeys</h2>
      <ul>
        {rows.map(({ id, title, remove }) => (
          <li key={id}>
            {title} <button onClick={() => void attempt(remove)}>Remove</button>
          </li>
        ))}
      </ul>
      {app && <Enrolment app={app} onCode={(code) => confirm(app.id, code)} />}
      {codes.length > 0 && <p>Keep these recovery codes, which are not shown again: {codes.join(", ")}</p>}
      <div className="buttons">
        <button onClick={() => void attempt(async () => setApp(await addTotp(holder)))}>Add an app</button>
        <button onClick={() => void attempt(() => addPasskey(holder))}>Add a passkey</button>
      </div>
      <p role="alert">{fault}</p>
    </section>
  );
}
