import { button, element, type Child } from "../shell/element.ts";
import { createNotice, type Notice } from "../shell/notice.ts";
import type { App } from "./app.ts";
import { explain } from "./explain.ts";

/** How a part of the page that shows something loaded goes on. */
export interface Reload {
  /** Does something, says what came of it, and loads anew. */
  act(work: () => Promise<string>): void;
  readonly notice: Notice;
}

/** Something that is loaded: its place says so, shows it, or says what went wrong and offers to try again. */
export function loaded<T>(
  app: App,
  load: () => Promise<T>,
  show: (data: T, reload: Reload) => readonly Child[],
): HTMLElement {
  const { words } = app;
  const notice = createNotice();
  const place = element("div", { "aria-busy": "true" }, element("p", {}, words.loading));
  let isBusy = false;

  async function fill(): Promise<void> {
    try {
      const children = show(await load(), { act, notice });
      place.replaceChildren(...children.filter((child) => child !== undefined));
    } catch (error) {
      const again = button(words.tryAgain, () => void fill());
      place.replaceChildren(element("p", { class: "failure" }, explain(app, error)), again);
    } finally {
      place.ariaBusy = "false";
    }
  }

  function act(work: () => Promise<string>): void {
    if (isBusy) return;
    isBusy = true;
    notice.say(words.loading);
    work()
      .then(async (text) => {
        await fill();
        notice.say(text);
        // The button that was pressed may be gone: go on reading from the part's heading.
        const isLost = document.activeElement === document.body || document.activeElement === null;
        if (isLost) root.closest("section")?.querySelector("h2")?.focus();
      })
      .catch((error: unknown) => notice.fail(explain(app, error)))
      .finally(() => {
        isBusy = false;
      });
  }

  const root = element("div", {}, place, notice.row);
  void fill();
  return root;
}
