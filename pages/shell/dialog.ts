import { element, type Child } from "./element.ts";

/** What a dialog begins with. */
export interface DialogHead {
  readonly title: string;
  readonly text: string;
}

/**
 * Opens a dialog over the page. The browser keeps the focus in it, and gives it back afterwards.
 * @param content makes what is below the text; it calls `answer` to close the dialog
 * @returns the answer; undefined if it was closed without one: by a button, by Escape, by the browser's back gesture
 */
export function openDialog<T>(
  { title, text }: DialogHead,
  content: (answer: (given?: T) => void) => readonly Child[],
): Promise<T | undefined> {
  const dialog = element("dialog", { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" });
  return new Promise((resolve) => {
    let answered: T | undefined;
    const answer = (given?: T) => {
      answered = given;
      dialog.close();
    };
    dialog.append(
      element("h2", { id: "dialog-title" }, title),
      element("p", { id: "dialog-text" }, text),
      ...content(answer).filter((child) => child !== undefined),
    );
    dialog.addEventListener(
      "close",
      () => {
        dialog.remove();
        resolve(answered);
      },
      { once: true },
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
