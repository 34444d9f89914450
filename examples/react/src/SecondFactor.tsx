import { mailCode, verify, type SecondFactor as Method, type SecondFactorDue } from "@latchkey/client/mfa";
import { showPasskey } from "@latchkey/client/passkeys";
import { useState, type FormEvent } from "react";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

const labels = { totp: "Code of your app", email: "Code of the mail", recovery: "Recovery code" } as const;
const names: Record<Method, string> = {
  totp: "Use my app",
  email: "Use a code by mail",
  recovery: "Use a recovery code",
  passkey: "Use a passkey",
};

/** The second half of a sign-in: whoever is signed in then sees the profile. */
export function SecondFactor({ due }: { readonly due: SecondFactorDue }) {
  const [method, setMethod] = useState<Method>(due.methods[0] ?? "totp");
  const [said, setSaid] = useState("");
  const [fault, setFault] = useState("");

  async function attempt(work: () => Promise<unknown>, text = "") {
    setFault("");
    setSaid("");
    try {
      await work();
      setSaid(text);
    } catch (error) {
      setFault(explain(error));
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const values = new FormData(event.currentTarget) as unknown as Iterable<[string, string]>;
    const { code = "", remember } = Object.fromEntries(values);
    if (method !== "passkey")
      void attempt(() => verify(latchkey, due, { method, code, ...(remember && { remember: true }) }));
  }

  async function usePasskey() {
    const shown = await showPasskey(latchkey, due);
    if (shown) await verify(latchkey, due, shown);
  }

  const mail = () => void attempt(() => mailCode(latchkey, due), "A code is on its way.");

  return (
    <section>
      <h2>Second step</h2>
      {method === "passkey" ? (
        <button onClick={() => void attempt(usePasskey)}>Confirm with a passkey</button>
      ) : (
        <CodeForm method={method} onMail={mail} onSubmit={submit} />
      )}
      <p role="status">{said}</p>
      <p role="alert">{fault}</p>
      <div className="buttons">
        {due.methods
          .filter((one) => one !== method)
          .map((one) => (
            <button key={one} onClick={() => setMethod(one)}>
              {names[one]}
            </button>
          ))}
      </div>
    </section>
  );
}

interface Asked {
  readonly method: Exclude<Method, "passkey">;
  readonly onMail: () => void;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

function CodeForm({ method, onMail, onSubmit }: Asked) {
  return (
    <form onSubmit={onSubmit}>
      {method === "email" && (
        <button type="button" onClick={onMail}>
          Send me a code
        </button>
      )}
      <label>
        {labels[method]}
        <input
          key={method}
          name="code"
          inputMode={method === "recovery" ? "text" : "numeric"}
          autoComplete={method === "recovery" ? "off" : "one-time-code"}
          required
        />
      </label>
      <label>
        <input name="remember" type="checkbox" /> Do not ask again on this device for a while
      </label>
      <button type="submit">Confirm</button>
    </form>
  );
}
