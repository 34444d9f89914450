import { button, element } from "../shell/element.ts";
import { createNotice } from "../shell/notice.ts";
import { save } from "../shell/save.ts";
import type { App } from "./app.ts";

/** Shows recovery codes, which the service tells once. @param done takes them away */
export function recoveryCodes({ words }: App, codes: readonly string[], done: () => void): HTMLElement {
  const text = `${codes.join("\n")}\n`;
  const notice = createNotice();
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      notice.say(words.codes.copied);
    } catch {
      notice.fail(words.codes.notCopied);
    }
  }
  return element(
    "div",
    { class: "codes", role: "group", "aria-label": words.codes.title },
    element("h3", { tabindex: "-1" }, words.codes.title),
    element("p", {}, words.codes.lead),
    element("ol", {}, ...codes.map((code) => element("li", {}, element("code", {}, code)))),
    element(
      "div",
      { class: "buttons" },
      button(words.codes.copy, () => void copy()),
      button(words.codes.download, () => save("recovery-codes.txt", "text/plain", text)),
      button(words.codes.done, done),
    ),
    notice.row,
  );
}
