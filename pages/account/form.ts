import { captchaOf, LatchkeyError } from "../../client/src/index.ts";
import { element, type Child } from "../shell/element.ts";
import { fieldInput, type FieldElement, type FieldSpec } from "../shell/field.ts";
import { holdBack } from "../shell/hold-back.ts";
import { fill } from "../shell/language.ts";
import { createNotice } from "../shell/notice.ts";
import { lengthFault, minLength } from "../shell/password-hint.ts";
import type { App } from "./app.ts";
import { captchaPlace, type Solved } from "./captcha.ts";
import { explain, refusedFields, type Instead } from "./explain.ts";

export type Values = Readonly<Record<string, string>>;

export interface FormSpec {
  readonly fields: readonly FieldSpec[];
  readonly submit: string;
  /** Texts for codes whose general text does not fit here. */
  readonly instead?: Instead;
  /** @returns what to say afterwards */
  run(values: Values, solved: Solved): Promise<string | undefined>;
  /** Below the fields. */
  readonly extra?: readonly Child[];
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
  const start = element("button", { type: "submit" }, spec.submit);
  const puzzle = captchaPlace(app, notice, submit);
  const made = element(
    "form",
    { novalidate: true },
    ...fields.map(({ row }) => row),
    ...(spec.extra ?? []),
    puzzle.row,
    element("div", { class: "buttons" }, start, ...(spec.beside ?? [])),
    notice.row,
  );
  /** Of a captcha that was solved while the form had to wait: for the next call, since each works once. */
  let kept: Solved = {};
  async function submit(solved: Solved = kept): Promise<void> {
    kept = solved;
    if (made.ariaBusy === "true" || start.ariaDisabled === "true") return;
    for (const field of fields) field.complain(undefined);
    const wrong = unfit(fields, spec.fields);
    if (wrong.length > 0) {
      notice.say("");
      return complain(wrong, ({ name, input }) => fieldFault(words, name, input.value) ?? words.fields.missing);
    }
    kept = {};
    made.ariaBusy = "true";
    notice.say(words.loading);
    try {
      const values = Object.fromEntries(fields.map(({ name, input }) => [name, input.value]));
      notice.say((await spec.run(values, solved)) ?? "");
      if (spec.isCleared) made.reset();
    } catch (error) {
      void tell(error);
    } finally {
      made.ariaBusy = "false";
    }
  }

  async function tell(error: unknown): Promise<void> {
    const captcha = captchaOf(error);
    if (captcha) return puzzle.ask(captcha);
    const refused = refusedFields(error);
    const wrong = fields.filter(({ name }) => refused.has(name));
    const otherwise = words.faults.VALIDATION_ERROR;
    complain(wrong, ({ name, input }) => refused.get(name) ?? fieldFault(words, name, input.value) ?? otherwise);
    const isSaid = wrong.length > 0 && wrong.length === refused.size;
    notice.fail(isSaid ? "" : explain(app, error, spec.instead));
    if (error instanceof LatchkeyError && error.status === 429 && error.retryAfterSeconds) {
      await holdBack(start, error.retryAfterSeconds);
      notice.say(words.faults.again);
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

/** The fields that are empty, or that their own check refuses. */
function unfit(fields: readonly FieldElement[], specs: readonly FieldSpec[]): FieldElement[] {
  return fields.filter(({ input }, at) => input.value === "" || specs[at]?.check?.(input.value) === false);
}

/** Says at each of these fields what is wrong with it. */
function complain(wrong: readonly FieldElement[], faultOf: (field: FieldElement) => string): void {
  for (const field of wrong) field.complain(faultOf(field));
  wrong[0]?.input.focus();
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
