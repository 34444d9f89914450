import { openDialog, type DialogHead } from "../shell/dialog.ts";
import { button, element } from "../shell/element.ts";
import { fieldInput } from "../shell/field.ts";
import type { App } from "./app.ts";

/** Asks whether somebody is sure. @param yes the button that says so */
export async function isSure({ words }: App, head: DialogHead, yes: string): Promise<boolean> {
  const answer = await openDialog<true>(head, (close) => [
    element(
      "div",
      { class: "buttons" },
      // First, so that it has the focus when the dialog opens.
      button(words.cancel, () => close()),
      button(yes, () => close(true), { class: "danger" }),
    ),
  ]);
  return answer === true;
}

/** Asks for the name of a factor or passkey. @returns undefined if it stays; null if it is to have none */
export async function askName({ words }: App, title: string, name: string): Promise<string | null | undefined> {
  const given = await openDialog<string>({ title, text: words.names.text }, (close) => {
    const field = fieldInput(
      { name: "name", label: words.names.label, type: "text", autocomplete: "off", value: name },
      words.showPassword,
    );
    const asking = element(
      "form",
      { novalidate: true },
      field.row,
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "submit" }, words.save),
        button(words.cancel, () => close()),
      ),
    );
    asking.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = field.input.value.trim();
      if (isName.test(typed)) close(typed);
      else field.complain(words.names.tooLong);
    });
    return [asking];
  });
  return given === "" ? null : given;
}

/** As long as the service takes, in characters. */
const isName = /^.{0,50}$/u;
