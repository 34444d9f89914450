import type { AccountEvent, SessionEntry } from "../../client/src/account.ts";
import { button, element, panel } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import type { App } from "./app.ts";
import { loaded, type Reload } from "./loaded.ts";
import { perform } from "./perform.ts";

/** Where the account is signed in. */
export function sessionsPanel(app: App): HTMLElement {
  const { words, account } = app;
  return panel(
    words.sessions.title,
    element("p", {}, words.sessions.lead),
    loaded(
      app,
      () => account.sessions(),
      (found, reload) => {
        const endOthers = button(words.sessions.endOthers, () =>
          reload.act(async () => {
            await account.endOtherSessions();
            return words.sessions.othersEnded;
          }),
        );
        const rows = found.map((entry) => sessionRow(app, entry, reload));
        return [
          element("ul", { class: "rows" }, ...rows),
          found.length > 1 ? element("div", { class: "buttons" }, endOthers) : element("p", {}, words.sessions.none),
        ];
      },
    ),
  );
}

function sessionRow(app: App, entry: SessionEntry, { act }: Reload): HTMLElement {
  const { words, account, locale } = app;
  const name = deviceName(app, entry);
  const end = () =>
    act(async () => {
      await account.endSession(entry.id);
      return fill(words.sessions.ended, { device: name });
    });
  const used = fill(words.sessions.lastUsed, { date: dateTime(locale, entry.last_used_at) });
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("strong", {}, name),
      entry.current ? element("span", { class: "badge" }, words.sessions.current) : undefined,
      element("p", { class: "hint" }, [used, entry.address].filter(Boolean).join(" · ")),
    ),
    entry.current
      ? undefined
      : button(words.sessions.end, end, { "aria-label": fill(words.sessions.endNamed, { device: name }) }),
  );
}

/** A device as people know it. */
export function deviceName(
  { words }: App,
  { browser, os, device }: Pick<SessionEntry, "browser" | "os" | "device">,
): string {
  if (browser && os) return fill(words.sessions.on, { browser, os });
  return browser ?? os ?? device ?? words.sessions.unknown;
}

/** What happened with the account, a page at a time. */
export function activityPanel(app: App): HTMLElement {
  const { words, account } = app;
  return panel(
    words.activity.title,
    element("p", {}, words.activity.lead),
    loaded(
      app,
      () => account.activity(),
      ({ events, next }) => {
        if (events.length === 0) return [element("p", {}, words.activity.none)];
        const list = element("ul", { class: "rows" }, ...events.map((event) => eventRow(app, event)));
        return [list, moreButton(app, list, next)];
      },
    ),
  );
}

/** Adds the next page to the list, as long as there is one. */
function moreButton(app: App, list: HTMLElement, next: string | null): HTMLElement | undefined {
  if (next === null) return undefined;
  const { words, account } = app;
  let after = next;
  const notice = createNotice();
  async function showMore(): Promise<string> {
    const page = await account.activity({ after });
    const rows = page.events.map((event) => eventRow(app, event));
    list.append(...rows);
    after = page.next ?? "";
    more.hidden = page.next === null;
    // Whoever reads on continues at the first new line.
    rows[0]?.setAttribute("tabindex", "-1");
    rows[0]?.focus();
    return "";
  }
  let isBusy = false;
  const more = button(words.activity.more, () => {
    if (isBusy) return;
    isBusy = true;
    void perform(app, notice, showMore).finally(() => {
      isBusy = false;
    });
  });
  return element("div", {}, element("div", { class: "buttons" }, more), notice.row);
}

function eventRow(
  { words, locale }: App,
  { type, outcome, address, device, created_at: at }: AccountEvent,
): HTMLElement {
  const known = words.events[type];
  const name = known ?? type;
  const isFailure = outcome === "failure";
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("strong", {}, name),
      isFailure ? element("span", { class: "badge bad" }, words.activity.failed) : undefined,
      element("p", { class: "hint" }, [dateTime(locale, at), device, address].filter(Boolean).join(" · ")),
    ),
  );
}
