import { captchaOf, LatchkeyError, type Captcha as Asked, type Credentials } from "@latchkey/client";
import { outcomeOf, secondFactorAtOpening, type SecondFactorDue } from "@latchkey/client/mfa";
import { signInWithPasskey } from "@latchkey/client/passkeys";
import { useRef, useState } from "react";
import { Captcha } from "./Captcha.tsx";
import { explain, explainReturn } from "./explain.ts";
import { Forgot } from "./Forgot.tsx";
import { latchkey } from "./latchkey.ts";
import { NewPassword } from "./NewPassword.tsx";
import { Providers } from "./Providers.tsx";
import { RequiredApp } from "./RequiredApp.tsx";
import { SecondFactor } from "./SecondFactor.tsx";
import { Verify } from "./Verify.tsx";
import { useWait } from "./wait.ts";

/** A sign-in at a provider has led to this page. Read once: the address says it no longer. */
const dueAtOpening = secondFactorAtOpening();

export function SignIn() {
  const [due, setDue] = useState<SecondFactorDue | undefined>(dueAtOpening);
  if (due) return due.isEnrolment ? <RequiredApp due={due} /> : <SecondFactor due={due} />;
  return <SignInForm onDue={setDue} />;
}

interface Listener {
  /** Is told of a second factor that the sign-in waits for. */
  readonly onDue: (due: SecondFactorDue | undefined) => void;
}

function SignInForm({ onDue }: Listener) {
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
      else onDue((await outcomeOf(latchkey.login({ email, password, ...solved }))).due);
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

  if (unproven)
    return (
      <Verify email={unproven.email} onDone={async () => onDue((await outcomeOf(latchkey.login(unproven))).due)} />
    );
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
          {!isNew && <PasskeyButton onDue={onDue} onFault={setFault} />}
          {!isNew && <Forgot onSaid={setSaid} onFault={setFault} />}
        </div>
      </form>
      <Providers onFault={setFault} />
    </section>
  );
}

function PasskeyButton({ onDue, onFault }: Listener & { readonly onFault: (text: string) => void }) {
  async function use() {
    onFault("");
    try {
      onDue((await outcomeOf(signInWithPasskey(latchkey))).due);
    } catch (error) {
      onFault(explain(error));
    }
  }
  return (
    <button type="button" onClick={() => void use()}>
      Use a passkey
    </button>
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
