import { checkPassword } from "@latchkey/client/account";
import { useEffect, useState, type ChangeEvent } from "react";
import { adviceOf } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

interface Typed {
  readonly password: string;
  readonly email: string;
  readonly username: string;
}

/** The field of a password to choose, with the service's advice once the typing pauses. Works without an answer, too. */
export function NewPassword() {
  const [typed, setTyped] = useState<Typed>();
  const [advice, setAdvice] = useState("");
  useEffect(() => {
    if (!typed?.password) return undefined;
    let isLatest = true;
    const timer = setTimeout(() => {
      checkPassword(latchkey, typed)
        .then(({ feedback }) => isLatest && setAdvice(adviceOf(feedback)))
        .catch(() => {});
    }, 400);
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [typed]);

  function read({ currentTarget: { value: password, form } }: ChangeEvent<HTMLInputElement>) {
    const values = form ? (new FormData(form) as unknown as Iterable<[string, string]>) : [];
    const { email = "", username = "" } = Object.fromEntries(values);
    setAdvice("");
    setTyped({ password, email, username });
  }

  return (
    <>
      <label>
        Password
        <input name="password" type="password" autoComplete="new-password" required onChange={read} />
      </label>
      <p aria-live="polite">{advice}</p>
    </>
  );
}
