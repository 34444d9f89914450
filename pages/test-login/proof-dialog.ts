import { accountOf, type AskForProof, type Proof } from "../../client/src/account.ts";
import type { Client, LatchkeyError, Provider } from "../../client/src/index.ts";
import { element } from "./element.ts";
import { noteLeaving } from "./trip.ts";

/**
 * Asks in a dialog for a proof that the account supports: its password, or another sign-in at one of its providers. The
 * dialog stays in the page and is filled anew each time.
 */
export function proofDialog(client: Client): AskForProof {
  const dialog = element("dialog", { "aria-labelledby": "proof-title", "aria-describedby": "proof-reason" });
  document.body.append(dialog);
  const account = accountOf(client);
  return async (user, fault) => {
    const who = user.email ?? user.username;
    // If these calls fail, the password can still be used.
    const [offered, own] = await Promise.all([
      client.providers().catch(() => []),
      account.identities().catch(() => ({ identities: [], has_password: true })),
    ]);
    const providers = offered.filter(({ name }) => own.identities.some(({ provider }) => provider === name));
    return new Promise((resolve) => {
      let proof: Proof | undefined;
      const answer = (given?: Proof) => {
        proof = given;
        if (given && "provider" in given) noteLeaving(user);
        dialog.close();
      };
      dialog.replaceChildren(...content({ who, fault: told(fault), providers, hasPassword: own.has_password }, answer));
      // Closed by a button, by Escape, or by the browser's back gesture: closing it is the answer.
      dialog.addEventListener("close", () => resolve(proof), { once: true });
      dialog.showModal();
    });
  };
}

/** The service's message, without its mention of the address: only the password was asked for. */
function told(fault: LatchkeyError | undefined): string | undefined {
  return fault?.code === "INVALID_CREDENTIALS" ? "The password is wrong" : fault?.message;
}

interface Asked {
  readonly who: string;
  readonly fault: string | undefined;
  readonly providers: readonly Provider[];
  readonly hasPassword: boolean;
}

function content({ who, fault, providers, hasPassword }: Asked, answer: (proof?: Proof) => void): HTMLElement[] {
  const others = providers.map(({ name, display_name: displayName }) => {
    const button = element("button", { type: "button" }, `Sign in again with ${displayName}`);
    button.addEventListener("click", () => answer({ provider: name }));
    return button;
  });
  const cancel = element("button", { type: "button" }, "Cancel");
  cancel.addEventListener("click", () => answer());
  const reason = `You logged in as ${who} a while ago. Confirm that it is still you to make this change.`;
  return [
    element("h2", { id: "proof-title" }, "Is it still you?"),
    element("p", { id: "proof-reason" }, reason),
    ...(hasPassword ? [passwordForm(who, fault, answer)] : []),
    element("div", { class: "buttons" }, ...others, cancel),
  ];
}

function passwordForm(who: string, fault: string | undefined, answer: (proof: Proof) => void): HTMLElement {
  const input = element("input", {
    id: "proof-password",
    type: "password",
    autocomplete: "current-password",
    "aria-describedby": "proof-fault",
    "aria-invalid": fault === undefined ? undefined : "true",
  });
  const form = element(
    "form",
    { novalidate: true },
    // For password managers, which need to know whose password it is.
    element("input", { type: "text", autocomplete: "username", value: who, hidden: true, "aria-hidden": "true" }),
    element("div", { class: "field" }, element("label", { for: "proof-password" }, "Your password"), input),
    element("p", { id: "proof-fault", class: "fault", role: "alert" }, fault === undefined ? "" : `${fault}.`),
    element("div", { class: "buttons" }, element("button", { type: "submit" }, "Confirm")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer({ password: input.value });
  });
  return form;
}
