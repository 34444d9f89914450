import type { Identities } from "../../client/src/account.ts";
import type { Provider, User } from "../../client/src/index.ts";
import { button, element, panel } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import type { App } from "./app.ts";
import { newPasswordField } from "./fields.ts";
import { form } from "./form.ts";
import { loaded, type Reload } from "./loaded.ts";

/** The password, changed or set for the first time. */
export function passwordPanel(app: App, user: User): HTMLElement {
  const { words, account } = app;
  return panel(
    words.passwords.title,
    loaded(
      app,
      () => account.identities(),
      ({ has_password: hasPassword }) => [hasPassword ? changeForm(app, user) : setForm(app, user)],
    ),
  );
}

/** For password managers, which need to know whose password it is. */
const whose = ({ email, username }: User) =>
  element("input", {
    type: "text",
    autocomplete: "username",
    value: email ?? username,
    readonly: true,
    hidden: true,
    "aria-hidden": "true",
  });

function changeForm(app: App, user: User): HTMLElement {
  const { words, account } = app;
  const made = form(app, {
    fields: [
      {
        name: "current_password",
        label: words.currentPassword,
        type: "password",
        autocomplete: "current-password",
      },
      newPasswordField(app, words.newPassword, user),
    ],
    submit: words.passwords.change,
    instead: { INVALID_CREDENTIALS: words.faults.wrongPassword },
    isCleared: true,
    async run({ current_password = "", password = "" }) {
      await account.changePassword({ current_password, password });
      return words.passwords.changed;
    },
  });
  made.prepend(whose(user));
  return made;
}

function setForm(app: App, user: User): HTMLElement {
  const { words, account } = app;
  const made = form(app, {
    fields: [newPasswordField(app, words.newPassword, user)],
    submit: words.passwords.set,
    isCleared: true,
    async run({ password = "" }) {
      await account.changePassword({ password });
      return words.passwords.done;
    },
  });
  made.prepend(element("p", {}, words.passwords.none), whose(user));
  return made;
}

/** The sign-ins at providers. */
export function methodsPanel(app: App): HTMLElement {
  const { words, account, client } = app;
  const load = () => Promise.all([client.providers(), account.identities()]);
  return panel(
    words.methods.title,
    loaded(app, load, ([providers, own], reload) => {
      const rows = [...namesOf(providers, own)].map((entry) => methodRow(app, entry, reload));
      return [rows.length > 0 ? element("ul", { class: "rows" }, ...rows) : element("p", {}, words.methods.none)];
    }),
  );
}

interface Entry {
  readonly name: string;
  /** As people know it. */
  readonly title: string;
  readonly isOffered: boolean;
  readonly linked: Identities["identities"];
}

/** What is offered or linked: a provider that was turned off may still be linked. */
function namesOf(providers: readonly Provider[], { identities }: Identities): Entry[] {
  const titles = new Map(providers.map(({ name, display_name: title }) => [name, title]));
  const names = new Set([...titles.keys(), ...identities.map(({ provider }) => provider)]);
  return [...names].map((name) => ({
    name,
    title: titles.get(name) ?? name,
    isOffered: titles.has(name),
    linked: identities.filter(({ provider }) => provider === name),
  }));
}

function methodRow(app: App, { name, title, isOffered, linked }: Entry, { act }: Reload): HTMLElement {
  const { words, account, locale } = app;
  const said = linked.map(({ email, created_at: at }) =>
    [email, fill(words.methods.linked, { date: dateTime(locale, at) })].filter(Boolean).join(" · "),
  );
  const link = () =>
    act(async () => {
      await account.linkIdentity(name);
      return words.loading;
    });
  const unlink = () =>
    act(async () => {
      await account.unlinkIdentity(name);
      return fill(words.methods.unlinked, { provider: title });
    });
  const named = (text: string) => ({ "aria-label": fill(text, { provider: title }) });
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("strong", {}, title),
      ...(said.length > 0 ? said : [words.methods.notLinked]).map((text) => element("p", { class: "hint" }, text)),
    ),
    linked.length > 0
      ? button(words.methods.unlink, unlink, named(words.methods.unlinkNamed))
      : isOffered
        ? button(words.methods.link, link, named(words.methods.linkNamed))
        : undefined,
  );
}
