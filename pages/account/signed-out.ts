import { captchaOf, LatchkeyError } from "../../client/src/index.ts";
import { secondFactorDue } from "../../client/src/mfa.ts";
import { button, element } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import type { App, View } from "./app.ts";
import type { Solved } from "./captcha.ts";
import { card } from "./card.ts";
import { explain } from "./explain.ts";
import { codeField, emailField, newPasswordField, passwordField, readCode, usernameField } from "./fields.ts";
import { form } from "./form.ts";
import { canShowPasskey, passkeyButton, suggestPasskeys } from "./passkey-sign-in.ts";
import { perform } from "./perform.ts";
import { viewOfDue } from "./second-step.ts";

type Of<Name extends View["name"]> = Extract<View, { readonly name: Name }>;

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Signs in; what stands in the way leads to where it can be put right.
 * @param solved of the form for signing in; others have done their work by now, and leave a captcha to that form
 */
async function signIn(app: App, { email, password }: Credentials, solved?: Solved): Promise<void> {
  try {
    await app.client.login({ email, password, ...solved });
  } catch (error) {
    if (!solved && captchaOf(error)) return app.show({ name: "sign-in", email, said: app.words.captcha.signIn });
    const due = secondFactorDue(error);
    if (due) return app.show(viewOfDue(due));
    const code: string = error instanceof LatchkeyError ? error.code : "";
    if (code === "EMAIL_NOT_VERIFIED") return app.show({ name: "verify", email, password, isWaiting: true });
    if (code === "ACCOUNT_DELETION_PENDING") {
      const erasedAt = (error as LatchkeyError).details["erased_at"];
      return app.show({ name: "pending", email, password, ...(typeof erasedAt === "string" && { erasedAt }) });
    }
    throw error;
  }
}

/** A way to another view, as a link: the browser's history knows it. */
const link = (text: string, view: "sign-in" | "register" | "forgot") => element("a", { href: `#${view}` }, text);

export function signInView(app: App, { email, said, fault }: Of<"sign-in">): HTMLElement {
  const { words } = app;
  suggestPasskeys(app);
  const address = emailField(words, email);
  return card(
    words.signIn.title,
    form(app, {
      // Where the browser offers passkeys, too.
      fields: [canShowPasskey ? { ...address, autocomplete: "username webauthn" } : address, passwordField(words)],
      submit: words.signIn.title,
      said,
      fault,
      async run({ email: typed = "", password = "" }, solved) {
        await signIn(app, { email: typed, password }, solved);
        return undefined;
      },
    }),
    element("p", { class: "ways" }, link(words.signIn.forgot, "forgot"), link(words.signIn.register, "register")),
    passkeyButton(app),
    providerButtons(app),
  );
}

/** The social providers; nothing if there are none, or if they cannot be asked for. */
function providerButtons(app: App): HTMLElement {
  const { words, client } = app;
  const place = element("div", { class: "providers" });
  const notice = createNotice();
  const go = (name: string) =>
    perform(app, notice, async () => {
      await client.signInWith(name);
      return words.loading;
    });
  async function fillIn(): Promise<void> {
    const providers = await client.providers();
    if (providers.length === 0) return;
    const buttons = providers.map(({ name, display_name: provider }) =>
      button(fill(words.signIn.with, { provider }), () => void go(name)),
    );
    place.append(element("p", { class: "or" }, words.signIn.or), ...buttons, notice.row);
  }
  // Without an answer the password is still a way in.
  fillIn().catch(() => {});
  return place;
}

export function registerView(app: App): HTMLElement {
  const { words, client } = app;
  return card(
    words.register.title,
    form(app, {
      fields: [usernameField(words), emailField(words), newPasswordField(app, words.password)],
      submit: words.register.title,
      async run({ email = "", username = "", password = "" }) {
        const user = await client.register({ email, username, password });
        if (user) await signIn(app, { email, password });
        else app.show({ name: "verify", email, password, isWaiting: false });
        return undefined;
      },
    }),
    element("p", { class: "ways" }, link(words.register.have, "sign-in")),
  );
}

export function verifyView(app: App, { email, password, isWaiting }: Of<"verify">): HTMLElement {
  const { words, account } = app;
  const notice = createNotice();
  const resend = button(words.verify.resend, () => {
    void perform(app, notice, async () => {
      await account.resendVerification({ email });
      return fill(words.verify.resent, { email });
    });
  });
  return card(
    words.verify.title,
    element("p", {}, fill(isWaiting ? words.verify.waiting : words.verify.sent, { email })),
    form(app, {
      fields: [codeField(words)],
      submit: words.verify.confirm,
      async run({ code = "" }) {
        await account.verifyEmail({ email, code: readCode(code) });
        if (password === undefined) app.show({ name: "sign-in", email, said: words.verify.done });
        else await signIn(app, { email, password });
        return undefined;
      },
    }),
    element("p", { class: "hint" }, words.verify.junk),
    element("div", { class: "buttons" }, resend),
    notice.row,
    element("p", { class: "ways" }, link(words.back, "sign-in")),
  );
}

export function forgotView(app: App, { email: given }: Of<"forgot">): HTMLElement {
  const { words, account } = app;
  return card(
    words.forgot.title,
    element("p", {}, words.forgot.lead),
    form(app, {
      fields: [emailField(words, given)],
      submit: words.forgot.send,
      async run({ email = "" }) {
        await account.forgotPassword({ email });
        return fill(words.forgot.sent, { email });
      },
    }),
    element("p", { class: "ways" }, link(words.back, "sign-in")),
  );
}

export function pendingView(app: App, { email, password, erasedAt }: Of<"pending">): HTMLElement {
  const { words, account, locale } = app;
  const text = erasedAt ? fill(words.pending.textOn, { date: dateTime(locale, erasedAt) }) : words.pending.text;
  return card(
    words.pending.title,
    element("p", {}, text),
    form(app, {
      fields: [],
      submit: words.pending.keep,
      async run(_values, solved) {
        await account.cancelDeletion({ email, password, ...solved });
        await signIn(app, { email, password });
        return undefined;
      },
    }),
    element("p", { class: "ways" }, link(words.back, "sign-in")),
  );
}

export function deletedView({ words, locale }: App, { erasedAt }: Of<"deleted">): HTMLElement {
  return card(
    words.pending.title,
    element("p", { role: "status" }, fill(words.deletion.done, { date: dateTime(locale, erasedAt) })),
    element("p", { class: "ways" }, link(words.back, "sign-in")),
  );
}

export function awayView(app: App, { error }: Of<"away">): HTMLElement {
  const { words } = app;
  return card(
    words.heading,
    element("p", { class: "failure", role: "alert" }, explain(app, error)),
    element(
      "div",
      { class: "buttons" },
      button(words.tryAgain, () => location.reload()),
    ),
  );
}
