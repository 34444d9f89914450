import type { AskForProof, Client, Proof, Provider } from "../../client/src/index.ts";
import { element } from "./element.ts";

/** Asks in a dialog for the password, or for another sign-in at a provider. It stays in the page, and is filled anew each time. */
export function proofDialog(client: Client): AskForProof {
  const dialog = element("dialog", { "aria-labelledby": "proof-title", "aria-describedby": "proof-reason" });
  document.body.append(dialog);
  return async ({ email, username }, fault) => {
    // Without them the password is left.
    const providers = await client.providers().catch(() => []);
    return new Promise((resolve) => {
      let proof: Proof | undefined;
      const answer = (given?: Proof) => {
        proof = given;
        dialog.close();
      };
      dialog.replaceChildren(...content({ who: email ?? username, fault: fault?.message, providers }, answer));
      // By a button, by Escape, or by the browser's own way back: it is closed, and that is the answer.
      dialog.addEventListener("close", () => resolve(proof), { once: true });
      dialog.showModal();
    });
  };
}

function content(
  { who, fault, providers }: { who: string; fault: string | undefined; providers: readonly Provider[] },
  answer: (proof?: Proof) => void,
): HTMLElement[] {
  const input = element("input", {
    id: "proof-password",
    type: "password",
    autocomplete: "current-password",
    "aria-describedby": "proof-fault",
    "aria-invalid": fault === undefined ? undefined : "true",
  });
  const cancel = element("button", { type: "button" }, "Cancel");
  cancel.addEventListener("click", () => answer());
  const form = element(
    "form",
    { novalidate: true },
    // For password managers, which want to know whose password it is.
    element("input", { type: "text", autocomplete: "username", value: who, hidden: true, "aria-hidden": "true" }),
    element("div", { class: "field" }, element("label", { for: "proof-password" }, "Your password"), input),
    element("p", { id: "proof-fault", class: "fault", role: "alert" }, fault === undefined ? "" : `${fault}.`),
    element("div", { class: "buttons" }, element("button", { type: "submit" }, "Confirm"), cancel),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer({ password: input.value });
  });
  const others = providers.map(({ name, display_name: displayName }) => {
    const button = element("button", { type: "button" }, `Sign in again with ${displayName}`);
    button.addEventListener("click", () => answer({ provider: name }));
    return button;
  });
  return [
    element("h2", { id: "proof-title" }, "Is it still you?"),
    element(
      "p",
      { id: "proof-reason" },
      `You logged in as ${who} a while ago. This change needs to know that it is still you.`,
    ),
    form,
    ...(others.length > 0
      ? [element("p", { class: "hint" }, "Without a password:"), element("div", { class: "buttons" }, ...others)]
      : []),
  ];
}
