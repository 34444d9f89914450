import {
  addPasskey,
  passkeys,
  passkeySupport,
  removePasskey,
  renamePasskey,
  type Passkey,
} from "../../client/src/passkeys.ts";
import type { User } from "../../client/src/index.ts";
import { button, element, panel } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import type { App } from "./app.ts";
import { loaded, type Reload } from "./loaded.ts";
import { askName, isSure } from "./questions.ts";

/** The account's passkeys. */
export function passkeysPanel(app: App, user: User): HTMLElement {
  const { words, holder } = app;
  const isProven = user.email === null || user.email_verified;
  const load = () => Promise.all([passkeys(holder), passkeySupport()]);
  return panel(
    words.passkeys.title,
    element("p", {}, words.passkeys.lead),
    loaded(app, load, ([found, { hasPasskeys }], reload) => [
      found.length > 0
        ? element("ul", { class: "rows" }, ...found.map((one) => passkeyRow(app, one, reload)))
        : element("p", {}, words.passkeys.none),
      !hasPasskeys || !isProven
        ? element("p", {}, isProven ? words.passkeys.unsupported : words.factors.unproven)
        : element(
            "div",
            { class: "buttons" },
            button(words.passkeys.add, () => reload.act(() => add(app))),
          ),
    ]),
  );
}

async function add({ words, holder }: App): Promise<string> {
  return (await addPasskey(holder)) ? words.passkeys.added : words.passkeys.notShown;
}

function passkeyRow(app: App, passkey: Passkey, { act }: Reload): HTMLElement {
  const { words, locale, holder } = app;
  const { id, name: given, created_at: since, last_used_at: usedAt, is_backed_up: isBackedUp } = passkey;
  const name = given ?? words.passkeys.unnamed;
  async function rename(): Promise<void> {
    const chosen = await askName(app, words.names.title, given ?? "");
    if (chosen === undefined) return;
    act(async () => {
      await renamePasskey(holder, id, chosen);
      return words.saved;
    });
  }
  async function remove(): Promise<void> {
    const head = { title: fill(words.names.removeQuestion, { name }), text: words.passkeys.warning };
    if (!(await isSure(app, head, words.names.remove))) return;
    act(async () => {
      await removePasskey(holder, id);
      return fill(words.names.removed, { name });
    });
  }
  const used = usedAt === null ? undefined : fill(words.sessions.lastUsed, { date: dateTime(locale, usedAt) });
  const said = [
    fill(words.names.since, { date: dateTime(locale, since) }),
    used,
    isBackedUp && words.passkeys.backedUp,
  ];
  return element(
    "li",
    {},
    element("div", {}, element("strong", {}, name), element("p", { class: "hint" }, said.filter(Boolean).join(" · "))),
    element(
      "span",
      { class: "buttons" },
      button(words.names.rename, () => void rename(), { "aria-label": fill(words.names.renameNamed, { name }) }),
      button(words.names.remove, () => void remove(), { "aria-label": fill(words.names.removeNamed, { name }) }),
    ),
  );
}
