import type { User } from "../../client/src/index.ts";
import { openDialog } from "../shell/dialog.ts";
import { button, element, panel } from "../shell/element.ts";
import { dateOf, fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import { pageSetting } from "../shell/settings.ts";
import type { App } from "./app.ts";
import { perform } from "./perform.ts";

/** Everything that is held about the person, as a file. */
export function dataPanel(app: App): HTMLElement {
  const { words, account } = app;
  const notice = createNotice();
  const download = button(words.data.download, () => {
    void perform(app, notice, async () => {
      const held = await account.exportAccount();
      save(`account-${new Date().toISOString().slice(0, 10)}.json`, JSON.stringify(held, undefined, 2));
      return words.data.done;
    });
  });
  return panel(
    words.data.title,
    element("p", {}, words.data.lead),
    element("div", { class: "buttons" }, download),
    notice.row,
  );
}

/** Hands a file to the browser's downloads. */
function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: url, download: name }).click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function deletionPanel(app: App, user: User): HTMLElement {
  const { words, account, locale } = app;
  const notice = createNotice();
  async function ask(): Promise<void> {
    const who = user.email ?? user.username;
    // By this device's clock, to the day; afterwards the service says it exactly.
    const date = dateOf(locale, new Date(Date.now() + Number(pageSetting("deletion-grace-seconds")) * 1000));
    const head = { title: words.deletion.question, text: fill(words.deletion.warning, { who, date }) };
    const isSure = await openDialog<true>(head, (answer) => [
      element(
        "div",
        { class: "buttons" },
        // First, so that it has the focus when the dialog opens.
        button(words.cancel, () => answer()),
        button(words.deletion.confirm, () => answer(true), { class: "danger" }),
      ),
    ]);
    if (!isSure) return;
    await perform(app, notice, async () => {
      const { erased_at: erasedAt } = await account.deleteAccount();
      app.show({ name: "deleted", erasedAt });
      return "";
    });
  }
  const start = button(words.deletion.delete, () => void ask(), { class: "danger" });
  return panel(
    words.deletion.title,
    element("p", {}, words.deletion.lead),
    element("div", { class: "buttons" }, start),
    notice.row,
  );
}
