import { resendVerification, verifyEmail } from "@latchkey/client/account";
import { useState, type FormEvent } from "react";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

/** Asks for the code that was mailed to an address, and then goes on. */
export function Verify({ email, onDone }: { readonly email: string; readonly onDone: () => Promise<unknown> }) {
  const [said, setSaid] = useState(`We have sent a mail to ${email}. Open its link, or enter its code.`);
  const [fault, setFault] = useState("");

  async function attempt(work: () => Promise<unknown>, text: string) {
    setFault("");
    try {
      await work();
      setSaid(text);
    } catch (error) {
      setFault(explain(error));
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    void attempt(async () => {
      await verifyEmail(latchkey, { email, code: typeof code === "string" ? code.replaceAll(" ", "") : "" });
      await onDone();
    }, "Your address is verified.");
  }

  return (
    <section>
      <p role="status">{said}</p>
      <form onSubmit={submit}>
        <label>
          Code
          <input name="code" inputMode="numeric" autoComplete="one-time-code" required />
        </label>
        <p role="alert">{fault}</p>
        <div className="buttons">
          <button type="submit">Verify</button>
          <button
            type="button"
            onClick={() => void attempt(() => resendVerification(latchkey, { email }), "Another mail is on its way.")}
          >
            Send another mail
          </button>
        </div>
      </form>
    </section>
  );
}
