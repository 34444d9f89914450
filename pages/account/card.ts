import { element } from "../shell/element.ts";

/** What somebody sees who is not signed in: one thing at a time. */
export const card = (title: string, ...children: readonly (Node | string | undefined)[]): HTMLElement =>
  element("div", { class: "card" }, element("h1", { tabindex: "-1" }, title), ...children);
