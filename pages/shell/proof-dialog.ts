import { identities, type AskForProof, type Proof } from "../../client/src/account.ts";
import type { Client, LatchkeyError, Provider } from "../../client/src/index.ts";
import { openDialog } from "./dialog.ts";
import { button, element } from "./element.ts";
import { fieldInput } from "./field.ts";
import { noteLeaving } from "./trip.ts";

/** What the dialog says, in a language. */
export interface ProofWords {
  readonly title: string;
  reason(who: string): string;
  readonly password: string;
  readonly showPassword: string;
  readonly confirm: string;
  readonly cancel: string;
  with(provider: string): string;
  fault(error: LatchkeyError): string;
}

/**
 * Asks in a dialog for a proof that the account supports: its password, or another sign-in at one of its providers.
 * @param words called each time
 */
export function proofDialog(client: Client, words: () => ProofWords): AskForProof {
  return async (user, fault) => {
    // If these calls fail, the password can still be used.
    const [offered, own] = await Promise.all([
      client.providers().catch(() => []),
      identities(client).catch(() => ({ identities: [], has_password: true })),
    ]);
    const providers = offered.filter(({ name }) => own.identities.some(({ provider }) => provider === name));
    const said = words();
    const who = user.email ?? user.username;
    return openDialog<Proof>({ title: said.title, text: said.reason(who) }, (answer) => [
      ...(own.has_password ? [passwordForm({ who, said, fault }, (password) => answer({ password }))] : []),
      element(
        "div",
        { class: "buttons" },
        ...providers.map(
          providerButton(said, (provider) => {
            noteLeaving(user);
            answer({ provider });
          }),
        ),
        button(said.cancel, () => answer()),
      ),
    ]);
  };
}

const providerButton =
  (words: ProofWords, press: (name: string) => void) =>
  ({ name, display_name: displayName }: Provider): HTMLElement =>
    button(words.with(displayName), () => press(name));

interface Asked {
  readonly who: string;
  readonly said: ProofWords;
  readonly fault: LatchkeyError | undefined;
}

function passwordForm({ who, said, fault }: Asked, answer: (password: string) => void): HTMLElement {
  const field = fieldInput(
    { name: "proof", label: said.password, type: "password", autocomplete: "current-password" },
    said.showPassword,
    "proof",
  );
  field.fault.setAttribute("role", "alert");
  if (fault) field.complain(said.fault(fault));
  const form = element(
    "form",
    { novalidate: true },
    // For password managers, which need to know whose password it is.
    element("input", { type: "text", autocomplete: "username", value: who, hidden: true, "aria-hidden": "true" }),
    field.row,
    element("div", { class: "buttons" }, element("button", { type: "submit" }, said.confirm)),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(field.input.value);
  });
  return form;
}
