import { LatchkeyError, type User } from "../../client/src/index.ts";
import { mailCode, verify, type SecondFactor, type SecondFactorDue, type ShownFactor } from "../../client/src/mfa.ts";
import { showPasskey } from "../../client/src/passkeys.ts";
import { button, element } from "../shell/element.ts";
import { fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import { pageSetting } from "../shell/settings.ts";
import type { App, View } from "./app.ts";
import { card } from "./card.ts";
import { appCodeField, codeField, readCode, recoveryCodeField } from "./fields.ts";
import { form } from "./form.ts";
import { perform } from "./perform.ts";

type Of<Name extends View["name"]> = Extract<View, { readonly name: Name }>;

/** Best first: what a forged page cannot get, then what is at hand, then what runs out. */
const order: readonly SecondFactor[] = ["passkey", "totp", "email", "recovery"];

/** For how many days a device may be remembered; none if it may not. */
const rememberDays = Number(pageSetting("mfa-remember-days"));

/** The second factor of a sign-in. */
export function secondStepView(app: App, view: Of<"second-step">): HTMLElement {
  const { words } = app;
  const ways = order.filter((one) => view.due.methods.includes(one));
  const method = view.method ?? ways[0] ?? "totp";
  const others = ways.filter((one) => one !== method);
  return card(
    words.secondStep.title,
    element("p", {}, words.secondStep[method]),
    method === "passkey" ? passkeyStep(app, view) : codeStep(app, view, method),
    element(
      "div",
      { class: "buttons ways" },
      ...others.map((one) => button(words.secondStep.instead[one], () => app.show({ ...view, method: one }))),
      button(words.back, () => app.show({ name: "sign-in" })),
    ),
  );
}

/** The part that asks for a code, which is mailed first if it comes by mail. */
function codeStep(app: App, view: Of<"second-step">, method: Exclude<SecondFactor, "passkey">): HTMLElement {
  const { words, client } = app;
  const { remember, box } = rememberBox(app);
  const field = { totp: appCodeField, email: codeField, recovery: recoveryCodeField }[method](words);
  const made = form(app, {
    fields: [field],
    submit: words.proof.confirm,
    // A mailed code is not worth a month.
    extra: method === "email" ? [] : [box],
    async run({ [field.name]: code = "" }) {
      const typed = method === "recovery" ? code : readCode(code);
      await complete(app, view, { method, code: typed, ...remember() });
      return undefined;
    },
  });
  if (method !== "email") return made;
  const notice = createNotice();
  const send = button(words.secondStep.sendCode, () => {
    void perform(app, notice, async () => {
      await orBegin(app, mailCode(client, view.due));
      return words.secondStep.codeSent;
    });
  });
  return element("div", {}, element("div", { class: "buttons" }, send), notice.row, made);
}

function passkeyStep(app: App, view: Of<"second-step">): HTMLElement {
  const { words, client } = app;
  const notice = createNotice();
  const { remember, box } = rememberBox(app);
  const use = button(words.secondStep.usePasskey, () => {
    void perform(app, notice, async () => {
      const shown = await orBegin(app, showPasskey(client, view.due));
      if (!shown) return words.passkeys.notShown;
      await complete(app, view, { ...shown, ...remember() });
      return "";
    });
  });
  return element("div", {}, box, element("div", { class: "buttons" }, use), notice.row);
}

/** The choice to leave out this step on this device for a while. */
function rememberBox({ words }: App) {
  const input = element("input", { type: "checkbox", name: "remember" });
  const label = fill(words.secondStep.remember, { days: rememberDays });
  return {
    remember: () => (input.checked ? { remember: true } : {}),
    box: rememberDays > 0 ? element("p", {}, element("label", { class: "switch" }, input, ` ${label}`)) : undefined,
  };
}

async function complete(
  app: App,
  { due, was }: Of<"second-step">,
  shown: ShownFactor & { readonly remember?: boolean },
): Promise<void> {
  enter(app, await orBegin(app, verify(app.client, due, shown)), was);
}

/** Shows the account. @param was who was signed in before: who came back from a provider may be somebody else */
export function enter(app: App, user: User, was: User | undefined): void {
  const { methods } = app.words;
  const isAnother = was !== undefined && was.id !== user.id;
  const fault = fill(methods.otherPerson, { who: user.email ?? user.username });
  app.show({ name: "account", ...(isAnother && { fault }) });
}

/** A sign-in that took too long, or had too many wrong codes, begins anew. */
export async function orBegin<T>(app: App, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === "MFA_TOKEN_INVALID")
      app.show({ name: "sign-in", fault: app.words.faults.MFA_TOKEN_INVALID });
    throw error;
  }
}

/** What a sign-in shows that is not complete yet. @param was who is signed in meanwhile */
export const viewOfDue = (due: SecondFactorDue, was?: User): View => ({
  name: due.isEnrolment ? "enrolment" : "second-step",
  due,
  was,
});
