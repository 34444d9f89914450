import { element, newId } from "./element.ts";
import { liveHint, type LiveHint } from "./live-hint.ts";

/** An input field. */
export interface FieldSpec {
  /** The service's name for it: the service's message about a field is shown there. */
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autocomplete: AutoFill;
  readonly value?: string | undefined;
  readonly inputmode?: string;
  /** Whether the service may accept the value, as far as the page can tell. */
  readonly check?: (value: string) => boolean;
  /** Shown below the field, updated with every keystroke. */
  readonly hint?: LiveHint["hint"] | undefined;
  /** Asked about a value that the hint is content with. */
  readonly judge?: LiveHint["judge"];
}

export interface FieldElement {
  readonly name: string;
  readonly label: string;
  readonly input: HTMLInputElement;
  readonly row: HTMLElement;
  /** What is wrong with the value. */
  readonly fault: HTMLElement;
  /** Shows what is wrong with the value; undefined clears it. */
  complain(message: string | undefined): void;
}

/** @param showPassword the label of the box that shows a password @param key of the ids; a new one unless given */
export function fieldInput(spec: FieldSpec, showPassword: string, key = newId(spec.name)): FieldElement {
  const { name, label, type, autocomplete, value, inputmode, hint, judge } = spec;
  const [id, hintId, faultId] = [`field-${key}`, `hint-${key}`, `fault-${key}`];
  const input = element("input", {
    id,
    name,
    type,
    autocomplete,
    value,
    inputmode,
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": `${hintId} ${faultId}`,
  });
  const said = element("p", { id: hintId, class: "hint" });
  const fault = element("p", { id: faultId, class: "fault" });
  const show = type === "password" ? showSwitch(input, showPassword) : undefined;
  const row = element("div", { class: "field" }, element("label", { for: id }, label), input, show, said, fault);
  function complain(message: string | undefined): void {
    fault.textContent = message ?? "";
    input.setAttribute("aria-invalid", String(message !== undefined));
  }
  input.addEventListener("input", () => complain(undefined));
  if (hint) row.append(liveHint(input, said, { hint, judge }));
  return { name, label, input, row, fault, complain };
}

function showSwitch(input: HTMLInputElement, label: string): HTMLElement {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    input.type = box.checked ? "text" : "password";
  });
  return element("label", { class: "switch" }, box, ` ${label}`);
}
