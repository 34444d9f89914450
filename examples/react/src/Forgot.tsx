import { forgotPassword } from "@latchkey/client/account";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

interface Listeners {
  readonly onSaid: (text: string) => void;
  readonly onFault: (text: string) => void;
}

/** Has a link for a new password sent to the address in the form that this button is part of. */
export function Forgot({ onSaid, onFault }: Listeners) {
  async function forgot(form: HTMLFormElement | null) {
    const email = form?.querySelector<HTMLInputElement>("input[name=email]")?.value ?? "";
    try {
      await forgotPassword(latchkey, { email });
      onFault("");
      onSaid(`If ${email} has an account, a mail with a link is on its way.`);
    } catch (error) {
      onFault(explain(error));
    }
  }

  return (
    <button type="button" onClick={(event) => void forgot(event.currentTarget.form)}>
      Forgot password
    </button>
  );
}
