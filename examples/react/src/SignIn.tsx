import { LatchkeyError, type Credentials } from "@latchkey/client";
import { useState, type FormEvent } from "react";
import { explain, explainReturn } from "./explain.ts";
import { Forgot } from "./Forgot.tsx";
import { latchkey } from "./latchkey.ts";
import { NewPassword } from "./NewPassword.tsx";
import { Providers } from "./Providers.tsx";
import { Verify } from "./Verify.tsx";

export function SignIn() {
  const [isNew, setNew] = useState(false);
  const [fault, setFault] = useState(() => explainReturn(new URLSearchParams(location.search).get("error")));
  const [unproven, setUnproven] = useState<Credentials>();
  const [said, setSaid] = useState("");
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const values = new FormData(event.currentTarget) as unknown as Iterable<[string, string]>;
    const { email = "", username = "", password = "" } = Object.fromEntries(values);
    setSaid("");
    try {
      if (isNew && !(await latchkey.register({ email, username, password }))) setUnproven({ email, password });
      // Whoever is signed in now sees the profile: nothing more is to be done here.
      else await latchkey.login({ email, password });
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === "EMAIL_NOT_VERIFIED") setUnproven({ email, password });
      else setFault(explain(error));
    }
  }

  if (unproven) return <Verify email={unproven.email} onDone={() => latchkey.login(unproven)} />;
  return (
    <section>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Email
          <input name="email" type="email" autoComplete="username" required />
        </label>
        {isNew && (
          <label>
            Username
            <input name="username" autoComplete="name" required />
          </label>
        )}
        {isNew ? (
          <NewPassword />
        ) : (
          <label>
            Password
            <input name="password" type="password" autoComplete="current-password" required />
          </label>
        )}
        <p role="alert">{fault}</p>
        <p role="status">{said}</p>
        <div className="buttons">
          <button type="submit">{isNew ? "Register" : "Log in"}</button>
          <button type="button" onClick={() => setNew(!isNew)}>
            {isNew ? "I have an account" : "I am new here"}
          </button>
          {!isNew && <Forgot onSaid={setSaid} onFault={setFault} />}
        </div>
      </form>
      <Providers onFault={setFault} />
    </section>
  );
}
