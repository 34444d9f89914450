import type { User } from "../../client/src/index.ts";
import { button, element, panel } from "../shell/element.ts";
import { dateOf, fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import { save } from "../shell/save.ts";
import { pageSetting } from "../shell/settings.ts";
import type { App } from "./app.ts";
import { perform } from "./perform.ts";
import { isSure } from "./questions.ts";

/** Everything that is held about the person, as a file. */
export function dataPanel(app: App): HTMLElement {
  const { words, account } = app;
  const notice = createNotice();
  const download = button(words.data.download, () => {
    void perform(app, notice, async () => {
      const held = await account.exportAccount();
      const name = `account-${new Date().toISOString().slice(0, 10)}.json`;
      save(name, "application/json", JSON.stringify(held, undefined, 2));
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

export function deletionPanel(app: App, user: User): HTMLElement {
  const { words, account, locale } = app;
  const notice = createNotice();
  async function ask(): Promise<void> {
    const who = user.email ?? user.username;
    // By this device's clock, to the day; afterwards the service says it exactly.
    const date = dateOf(locale, new Date(Date.now() + Number(pageSetting("deletion-grace-seconds")) * 1000));
    const head = { title: words.deletion.question, text: fill(words.deletion.warning, { who, date }) };
    if (!(await isSure(app, head, words.deletion.confirm))) return;
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
