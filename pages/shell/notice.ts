import { element } from "./element.ts";

/** Where a part of a page says what has happened. Screen readers say it too. */
export interface Notice {
  readonly row: HTMLElement;
  say(text: string): void;
  fail(text: string): void;
}

export function createNotice(): Notice {
  const good = element("p", { class: "notice", role: "status" });
  const bad = element("p", { class: "notice failure", role: "alert" });
  const show = (text: string, fault: string) => {
    good.textContent = text;
    bad.textContent = fault;
  };
  return {
    row: element("div", {}, good, bad),
    say: (text) => show(text, ""),
    fail: (text) => show("", text),
  };
}
