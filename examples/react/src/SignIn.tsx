import type { Provider } from "@latchkey/client";
import { useEffect, useState, type FormEvent } from "react";
import { explain, explainReturn } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

export function SignIn() {
  const [isNew, setNew] = useState(false);
  const [fault, setFault] = useState(() => explainReturn(new URLSearchParams(location.search).get("error")));
  const [providers, setProviders] = useState<Provider[]>([]);

  useEffect(() => {
    latchkey.providers().then(setProviders, (error: unknown) => setFault(explain(error)));
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const values = new FormData(event.currentTarget) as unknown as Iterable<[string, string]>;
    const { email = "", username = "", password = "" } = Object.fromEntries(values);
    try {
      if (isNew) await latchkey.register({ email, username, password });
      // Whoever is signed in now sees the profile: nothing more is to be done here.
      await latchkey.login({ email, password });
    } catch (error) {
      setFault(explain(error));
    }
  }

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
        <label>
          Password
          <input name="password" type="password" autoComplete={isNew ? "new-password" : "current-password"} required />
        </label>
        <p role="alert">{fault}</p>
        <div className="buttons">
          <button type="submit">{isNew ? "Register" : "Log in"}</button>
          <button type="button" onClick={() => setNew(!isNew)}>
            {isNew ? "I have an account" : "I am new here"}
          </button>
        </div>
      </form>
      <div className="buttons">
        {providers.map(({ name, display_name: displayName }) => (
          <button
            key={name}
            onClick={() => latchkey.signInWith(name).catch((error: unknown) => setFault(explain(error)))}
          >
            Continue with {displayName}
          </button>
        ))}
      </div>
    </section>
  );
}
