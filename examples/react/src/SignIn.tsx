import { captchaOf, LatchkeyError, type Captcha as Asked, type Credentials } from "@latchkey/client";
import { useRef, useState } from "react";
import { Captcha } from "./Captcha.tsx";
import { explain, explainReturn } from "./explain.ts";
import { Forgot } from "./Forgot.tsx";
import { latchkey } from "./latchkey.ts";
import { NewPassword } from "./NewPassword.tsx";
import { Providers } from "./Providers.tsx";
import { Verify } from "./Verify.tsx";
import { useWait } from "./wait.ts";

export function SignIn() {
  const [isNew, setNew] = useState(false);
  const [fault, setFault] = useState(() => explainReturn(new URLSearchParams(location.search).get("error")));
  const [unproven, setUnproven] = useState<Credentials>();
  const [said, setSaid] = useState("");
  const [captcha, setCaptcha] = useState<Asked>();
  const [seconds, wait] = useWait();
  const form = useRef<HTMLFormElement>(null);
  async function submit(solved?: Pick<Credentials, "captcha_token">) {
    if (!form.current) return;
    const values = new FormData(form.current) as unknown as Iterable<[string, string]>;
    const { email = "", username = "", password = "" } = Object.fromEntries(values);
    setSaid("");
    setCaptcha(undefined);
    try {
      if (isNew && !(await latchkey.register({ email, username, password }))) setUnproven({ email, password });
      // Whoever is signed in now sees the profile: nothing more is to be done here.
      else await latchkey.login({ email, password, ...solved });
    } catch (error) {
      const asked = captchaOf(error);
      setCaptcha(asked);
      wait(error);
      // A new account exists by now: what is left is to log in.
      if (asked) setNew(false);
      if (error instanceof LatchkeyError && error.code === "EMAIL_NOT_VERIFIED") setUnproven({ email, password });
      else setFault(asked ? "" : explain(error));
    }
  }

  if (unproven) return <Verify email={unproven.email} onDone={() => latchkey.login(unproven)} />;
  return (
    <section>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Fields isNew={isNew} />
        <p role="alert">{fault}</p>
        <p role="status">{captcha ? "Confirm that you are a person. After that, we continue automatically." : said}</p>
        {captcha && (
          <Captcha captcha={captcha} onSolved={(token) => void submit({ captcha_token: token })} onFault={setFault} />
        )}
        <div className="buttons">
          <button type="submit" disabled={seconds > 0}>
            {isNew ? "Register" : "Log in"} {seconds > 0 && `(${seconds})`}
          </button>
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

function Fields({ isNew }: { readonly isNew: boolean }) {
  return (
    <>
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
    </>
  );
}
