import { LatchkeyError } from "../../client/src/index.ts";
import { element, panel } from "./element.ts";
import type { Field, Section, Step, Tools } from "./steps.ts";

/** Shows the result of a step. */
export type Tell = (text: string, isFailure?: boolean) => void;

/** Whether a step is running. */
let isTakingStep = false;
export const isBusy = (): boolean => isTakingStep;

/** Builds a section's form: its fields, its buttons, and an element below them. */
export function sectionForm(section: Section, tools: Tools, tell: Tell): { form: HTMLElement; below: HTMLElement } {
  const fields = section.fields.map((field) => fieldInput(field));

  async function take(step: Step): Promise<void> {
    if (isTakingStep) return;
    isTakingStep = true;
    tell(`${step.button}: one moment…`);
    for (const field of fields) field.complain(undefined);
    try {
      const values = Object.fromEntries(fields.map(({ name, input }) => [name, input.value]));
      tell(await step.run(tools, values));
    } catch (error) {
      const left = complaints(error).filter(({ field, message }) => {
        const own = fields.find(({ name }) => name === field);
        own?.complain(message);
        return !own;
      });
      tell([describe(error), ...left.map(({ field, message }) => `${field} ${message}.`)].join(" "), true);
      fields.find(({ input }) => input.getAttribute("aria-invalid") === "true")?.input.focus();
    } finally {
      isTakingStep = false;
    }
  }

  const buttons = section.steps.map((step) => {
    const button = element("button", { type: step.isDefault ? "submit" : "button" }, step.button);
    if (!step.isDefault) button.addEventListener("click", () => void take(step));
    return button;
  });
  // Not validated in the browser: this page is there to show what the service answers.
  const form = element("form", { novalidate: true }, ...fields.map(({ row }) => row));
  form.append(element("div", { class: "buttons" }, ...buttons));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const step = section.steps.find(({ isDefault }) => isDefault);
    if (step) void take(step);
  });
  const below = element("div");
  return { form: panel(section.title, form, below), below };
}

function fieldInput({ name, label, type, autocomplete, hint }: Field) {
  const [id, hintId, faultId] = [`field-${name}`, `hint-${name}`, `fault-${name}`];
  const input = element("input", { id, name, type, autocomplete, "aria-describedby": `${hintId} ${faultId}` });
  const said = element("p", { id: hintId, class: "hint" });
  const fault = element("p", { id: faultId, class: "fault" });
  const show = type === "password" ? showSwitch(input) : undefined;
  const row = element("div", { class: "field" }, element("label", { for: id }, label), input, show, said, fault);
  /** Shows what is wrong with the value; undefined clears it. */
  function complain(message: string | undefined): void {
    fault.textContent = message === undefined ? "" : `${label} ${message}.`;
    input.setAttribute("aria-invalid", String(message !== undefined));
  }
  input.addEventListener("input", () => complain(undefined));
  if (hint) {
    // Screen readers announce when the rule is met, not every keystroke.
    const heard = element("span", { class: "heard", "aria-live": "polite" });
    const say = () => {
      const { text, isMet } = hint(input.value);
      said.textContent = text;
      said.classList.toggle("met", isMet);
      heard.textContent = isMet ? text : "";
    };
    input.addEventListener("input", say);
    say();
    row.append(heard);
  }
  return {
    name,
    input,
    row,
    complain,
  };
}

function showSwitch(input: HTMLInputElement): HTMLElement {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    input.type = box.checked ? "text" : "password";
  });
  return element("label", { class: "switch" }, box, " Show password");
}

function complaints(error: unknown): readonly { readonly field: string; readonly message: string }[] {
  const fields = error instanceof LatchkeyError ? error.details["fields"] : undefined;
  return Array.isArray(fields) ? (fields as { field: string; message: string }[]) : [];
}

/** An error as a text for people. */
export function describe(error: unknown): string {
  if (!(error instanceof LatchkeyError)) return `This page failed: ${String(error)}`;
  const later = error.retryAfterSeconds === undefined ? "" : ` Try again in ${error.retryAfterSeconds} seconds.`;
  return `${error.status || "No answer"} ${error.code}: ${error.message}.${later}`;
}
