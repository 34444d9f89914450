import { element, type Child } from "../shell/element.ts";
import { fieldInput, type FieldSpec } from "../shell/field.ts";
import { fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import { lengthFault, minLength } from "../shell/password-hint.ts";
import type { App } from "./app.ts";
import { explain, refusedFields, type Instead } from "./explain.ts";

export type Values = Readonly<Record<string, string>>;

export interface FormSpec {
  readonly fields: readonly FieldSpec[];
  readonly submit: string;
  /** Texts for codes whose general text does not fit here. */
  readonly instead?: Instead;
  /** @returns what to say afterwards */
  run(values: Values): Promise<string | undefined>;
  /** Beside the button. */
  readonly beside?: readonly Child[];
  /** What is already to be said when the form is shown. */
  readonly said?: string | undefined;
  readonly fault?: string | undefined;
  /** Whether it is empty again after it has been carried out. */
  readonly isCleared?: boolean;
}

/** A form of the page: its fields, its button, and what came of it. One at a time runs. */
export function form(app: App, spec: FormSpec): HTMLFormElement {
  const { words } = app;
  const fields = spec.fields.map((field) => fieldInput(field, words.showPassword));
  const notice = createNotice();
  const made = element(
    "form",
    { novalidate: true },
    ...fields.map(({ row }) => row),
    element("div", { class: "buttons" }, element("button", { type: "submit" }, spec.submit), ...(spec.beside ?? [])),
    notice.row,
  );
  const complain = (faults: ReadonlyMap<string, string | undefined>, otherwise: string) => {
    const wrong = fields.filter(({ name }) => faults.has(name));
    for (const field of wrong) {
      const { name, input } = field;
      field.complain(faults.get(name) ?? fieldFault(words, name, input.value) ?? otherwise);
    }
    wrong[0]?.input.focus();
    return wrong.length === faults.size && wrong.length > 0;
  };

  async function submit(): Promise<void> {
    if (made.ariaBusy === "true") return;
    for (const field of fields) field.complain(undefined);
    const wrong = fields.filter(
      ({ input }, at) => input.value === "" || spec.fields[at]?.check?.(input.value) === false,
    );
    if (wrong.length > 0) {
      notice.say("");
      return void complain(new Map(wrong.map(({ name }) => [name, undefined])), words.fields.missing);
    }
    made.ariaBusy = "true";
    notice.say(words.loading);
    try {
      notice.say((await spec.run(Object.fromEntries(fields.map(({ name, input }) => [name, input.value])))) ?? "");
      if (spec.isCleared) made.reset();
    } catch (error) {
      const isSaid = complain(refusedFields(error), words.faults.VALIDATION_ERROR);
      notice.fail(isSaid ? "" : explain(app, error, spec.instead));
    } finally {
      made.ariaBusy = "false";
    }
  }

  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  if (spec.said) notice.say(spec.said);
  if (spec.fault) notice.fail(spec.fault);
  return made;
}

/** What a field needs; the service's own message is in English. */
function fieldFault({ fields, passwordHint }: App["words"], name: string, value: string): string | undefined {
  if (name === "password") {
    const { password: missing, shortPassword: short, otherPassword } = fields;
    const fault = lengthFault(value);
    // Of the right length, it was refused for another reason: it is the present one, for example.
    const text = fault === undefined ? otherPassword : { missing, short, long: passwordHint.tooLong }[fault];
    return fill(text, { least: minLength });
  }
  return Object.hasOwn(fields, name) ? fields[name as keyof typeof fields] : undefined;
}
