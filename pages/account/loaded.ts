import { button, element, type Child } from "../shell/element.ts";
import { createNotice } from "../shell/notice.ts";
import type { App } from "./app.ts";
import { explain } from "./explain.ts";
import { perform } from "./perform.ts";

/** How a part of the page that shows something loaded goes on. */
export interface Reload {
  /** Does something, says what came of it, and loads anew. */
  readonly act: (work: () => Promise<string>) => void;
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
      const children = show(await load(), { act });
      place.replaceChildren(...children.filter((child) => child !== undefined));
    } catch (error) {
      const again = button(words.tryAgain, () => void fill());
      place.replaceChildren(element("p", { class: "failure" }, explain(app, error)), again);
    } finally {
      place.ariaBusy = "false";
    }
  }

  async function actAndReload(work: () => Promise<string>): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    await perform(app, notice, async () => {
      const said = await work();
      await fill();
      return said;
    });
    isBusy = false;
    // The button that was pressed may be gone: go on reading from the part's heading.
    if (document.activeElement === document.body) root.closest("section")?.querySelector("h2")?.focus();
  }
  const act = (work: () => Promise<string>) => void actAndReload(work);

  const root = element("div", {}, place, notice.row);
  void fill();
  return root;
}
