import { identities, type AskForProof, type Proof } from "../../client/src/account.ts";
import type { Client, LatchkeyError, Provider, User } from "../../client/src/index.ts";
import { factors } from "../../client/src/mfa.ts";
import { passkeys, provePasskey } from "../../client/src/passkeys.ts";
import { openDialog } from "./dialog.ts";
import { button, element } from "./element.ts";
import { fieldInput, type FieldSpec } from "./field.ts";
import { createNotice } from "./notice.ts";
import { pageSetting } from "./settings.ts";
import { noteLeaving } from "./trip.ts";

/** What the dialog says, in a language. */
export interface ProofWords {
  readonly title: string;
  reason(who: string): string;
  readonly password: string;
  readonly appCode: string;
  readonly recoveryCode: string;
  readonly showPassword: string;
  readonly confirm: string;
  readonly useApp: string;
  readonly useRecovery: string;
  readonly usePasskey: string;
  readonly notShown: string;
  readonly cancel: string;
  with(provider: string): string;
  fault(error: LatchkeyError): string;
}

interface Asked {
  readonly client: Client;
  readonly user: User;
  readonly said: ProofWords;
  readonly fault: LatchkeyError | undefined;
  readonly answer: (proof?: Proof) => void;
}

/**
 * Asks in a dialog for a proof that the account supports. Where it has a second factor, that is the one: the password, or
 * another sign-in at a provider, would not do.
 * @param words called each time
 */
export function proofDialog(client: Client, words: () => ProofWords): AskForProof {
  return async (user, fault) => {
    // If these calls fail, the password can still be used.
    const [offered, own, second, keys] = await Promise.all([
      client.providers().catch(() => []),
      identities(client).catch(() => ({ identities: [], has_password: true })),
      factors(client).catch(() => undefined),
      pageSetting("passkeys") === "on" ? passkeys(client).catch(() => []) : [],
    ]);
    const providers = offered.filter(({ name }) => own.identities.some(({ provider }) => provider === name));
    const said = words();
    const hasFactor = second !== undefined && second.factors.length > 0;
    return openDialog<Proof>({ title: said.title, text: said.reason(user.email ?? user.username) }, (answer) => {
      const asked = { client, user, said, fault, answer };
      return [
        hasFactor ? codeForms(asked) : own.has_password ? passwordForm(asked) : undefined,
        keys.length > 0 ? passkeyButton(asked) : undefined,
        element(
          "div",
          { class: "buttons" },
          ...(hasFactor ? [] : providers.map((provider) => providerButton(asked, provider))),
          button(said.cancel, () => answer()),
        ),
      ];
    });
  };
}

function providerButton({ said, user, answer }: Asked, { name, display_name: title }: Provider): HTMLElement {
  return button(said.with(title), () => {
    noteLeaving(user);
    answer({ provider: name });
  });
}

/** The dialog stays open until a passkey was shown. */
function passkeyButton({ client, said, answer }: Asked): HTMLElement {
  const notice = createNotice();
  async function use(): Promise<void> {
    notice.say("");
    try {
      const shown = await provePasskey(client);
      if (shown) answer(shown);
      else notice.fail(said.notShown);
    } catch (error) {
      notice.fail(said.fault(error as LatchkeyError));
    }
  }
  return element(
    "div",
    {},
    element(
      "div",
      { class: "buttons" },
      button(said.usePasskey, () => void use()),
    ),
    notice.row,
  );
}

function passwordForm(asked: Asked): HTMLElement {
  const { said, user, answer } = asked;
  const spec = { name: "proof", label: said.password, type: "password", autocomplete: "current-password" } as const;
  const form = fieldForm(asked, spec, (password) => answer({ password }));
  // For password managers, which need to know whose password it is.
  const value = user.email ?? user.username;
  form.prepend(
    element("input", { type: "text", autocomplete: "username", value, hidden: true, "aria-hidden": "true" }),
  );
  return form;
}

/** The code of an app; a button leads to recovery codes, and back. */
function codeForms(asked: Asked): HTMLElement {
  const { said, answer } = asked;
  const place = element("div");
  function show(method: "totp" | "recovery", isFirst = false): void {
    const common = { name: "proof", type: "text" } as const;
    const spec: FieldSpec =
      method === "totp"
        ? { ...common, label: said.appCode, autocomplete: "one-time-code", inputmode: "numeric" }
        : { ...common, label: said.recoveryCode, autocomplete: "off" };
    const fault = isFirst ? asked.fault : undefined;
    const form = fieldForm({ ...asked, fault }, spec, (code) => answer({ method, code }));
    const other = method === "totp" ? "recovery" : "totp";
    const swap = button(other === "totp" ? said.useApp : said.useRecovery, () => show(other));
    place.replaceChildren(form, element("div", { class: "buttons" }, swap));
    if (!isFirst) form.querySelector<HTMLElement>("input")?.focus();
  }
  show("totp", true);
  return place;
}

function fieldForm({ said, fault }: Asked, spec: FieldSpec, answer: (value: string) => void): HTMLFormElement {
  const field = fieldInput(spec, said.showPassword, "proof");
  field.fault.setAttribute("role", "alert");
  if (fault) field.complain(said.fault(fault));
  const form = element(
    "form",
    { novalidate: true },
    field.row,
    element("div", { class: "buttons" }, element("button", { type: "submit" }, said.confirm)),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(field.input.value);
  });
  return form;
}
