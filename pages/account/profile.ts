import type { User } from "../../client/src/index.ts";
import { button, element, newId, panel } from "../shell/element.ts";
import { fill, localeOf, locales } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import type { App } from "./app.ts";
import { codeField, emailField, readCode, usernameField } from "./fields.ts";
import { form } from "./form.ts";
import { languages } from "./languages/all.ts";
import { perform } from "./perform.ts";

/** The name, and the language of mails. */
export function profilePanel(app: App, user: User): HTMLElement {
  const { words, account } = app;
  return panel(
    words.profile.title,
    form(app, {
      fields: [usernameField(words, user.username)],
      submit: words.save,
      async run({ username = "" }) {
        await account.updateProfile({ username });
        return words.saved;
      },
    }),
    languageChoice(app, user),
  );
}

/** Saved as soon as it is chosen. */
function languageChoice(app: App, user: User): HTMLElement {
  const { words, account } = app;
  const id = newId("locale");
  const other = user.locale !== null && localeOf(user.locale) === undefined ? user.locale : undefined;
  const notice = createNotice();
  const select = element(
    "select",
    { id },
    element("option", { value: "" }, words.profile.asBrowser),
    ...locales.map((locale) => element("option", { value: locale, lang: locale }, languages[locale].itself)),
    // An app may have set one that this page does not have.
    other === undefined ? undefined : element("option", { value: other }, other),
  );
  select.value = other ?? localeOf(user.locale) ?? "";
  select.addEventListener("change", () => {
    void perform(app, notice, async () => {
      // The page follows, unless another language was chosen on it.
      await account.updateProfile({ locale: select.value || null });
      return words.saved;
    });
  });
  return element(
    "div",
    { class: "field" },
    element("label", { for: id }, words.profile.mailLanguage),
    select,
    notice.row,
  );
}

/** The address, whether it is proven, and how to change it. */
export function addressPanel(app: App, user: User): HTMLElement {
  const { words, account } = app;
  const { email } = user;
  const state = user.email_verified ? words.address.confirmed : words.address.unconfirmed;
  return panel(
    words.address.title,
    element("p", {}, email === null ? words.address.none : fill(state, { email })),
    ...(email === null || user.email_verified ? [] : [proveAddress(app, email)]),
    form(app, {
      fields: [{ ...emailField(words), label: words.address.new, autocomplete: "email" }],
      submit: words.address.change,
      instead: { EMAIL_ALREADY_REGISTERED: words.faults.addressTaken },
      isCleared: true,
      async run({ email: wanted = "" }) {
        await account.changeEmail({ email: wanted });
        return fill(words.address.pending, { email: wanted });
      },
    }),
  );
}

/** For an address that is not proven yet: the code that was mailed to it, or another mail. */
function proveAddress(app: App, email: string): HTMLElement {
  const { words, account, client } = app;
  const notice = createNotice();
  const resend = button(words.verify.resend, () => {
    void perform(app, notice, async () => {
      await account.resendVerification({ email });
      return fill(words.verify.resent, { email });
    });
  });
  const made = form(app, {
    fields: [codeField(words)],
    submit: words.verify.confirm,
    beside: [resend],
    async run({ code = "" }) {
      await account.verifyEmail({ email, code: readCode(code) });
      await client.refresh();
      app.render();
      return undefined;
    },
  });
  return element("div", {}, made, notice.row);
}
