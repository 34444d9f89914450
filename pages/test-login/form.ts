import { captchaOf, LatchkeyError } from "../../client/src/index.ts";
import { solveCaptcha } from "../shell/captcha.ts";
import { element, foldedPanel, newId, panel } from "../shell/element.ts";
import { fieldInput } from "../shell/field.ts";
import { judgeBy } from "../shell/password-judge.ts";
import type { Section, Step, Tools } from "./section.ts";

/** Shows the result of a step. */
export type Tell = (text: string, isFailure?: boolean) => void;

/** Whether a step is running. */
let isTakingStep = false;
export const isBusy = (): boolean => isTakingStep;

/** The names that have fields already: sections may have fields of one name. */
const named = new Set<string>();

/** The key of a field's ids: its name, the first time. */
function keyOf(name: string): string {
  const key = named.has(name) ? newId(name) : name;
  named.add(name);
  return key;
}

/** Builds a section's form: its fields, its buttons, and an element below them. */
export function sectionForm(
  section: Section,
  given: Omit<Tools, "showBelow">,
  tell: Tell,
): { form: HTMLElement; below: HTMLElement } {
  const below = element("div");
  const tools: Tools = { ...given, showBelow: (...children) => below.replaceChildren(...children) };
  const judge = judgeBy(tools.account);
  const fields = section.fields.map(({ isJudged, ...field }) =>
    fieldInput(isJudged ? { ...field, judge } : field, "Show password", keyOf(field.name)),
  );

  const puzzle = element("div", { class: "captcha" });

  async function take(step: Step, solved: Readonly<Record<string, string>> = {}): Promise<void> {
    if (isTakingStep) return;
    isTakingStep = true;
    tell(`${step.button}: one moment…`);
    for (const field of fields) field.complain(undefined);
    try {
      const values = Object.fromEntries(fields.map(({ name, input }) => [name, input.value]));
      tell(await step.run(tools, { ...values, ...solved }));
    } catch (error) {
      tellFailure(error);
      void repeatSolved(step, error);
    } finally {
      isTakingStep = false;
    }
  }

  function tellFailure(error: unknown): void {
    const left = complaints(error).filter(({ field, message }) => {
      const own = fields.find(({ name }) => name === field);
      own?.complain(`${own.label} ${message}.`);
      return !own;
    });
    tell([describe(error), ...left.map(({ field, message }) => `${field} ${message}.`)].join(" "), true);
    fields.find(({ input }) => input.getAttribute("aria-invalid") === "true")?.input.focus();
  }

  /** Takes a step again once the captcha is solved that it needs. */
  async function repeatSolved(step: Step, error: unknown): Promise<void> {
    const captcha = captchaOf(error);
    if (!captcha) return;
    try {
      await take(step, { captcha_token: await solveCaptcha(puzzle, captcha, "en") });
    } catch {
      tell(`The captcha of ${captcha.provider} could not be shown: perhaps the browser blocks it.`, true);
    }
  }

  const buttons = section.steps.map((step) => {
    const button = element("button", { type: step.isDefault ? "submit" : "button" }, step.button);
    if (!step.isDefault) button.addEventListener("click", () => void take(step));
    return button;
  });
  // Not validated in the browser: this page is there to show what the service answers.
  const form = element("form", { novalidate: true }, ...fields.map(({ row }) => row));
  form.append(puzzle, element("div", { class: "buttons" }, ...buttons));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const step = section.steps.find(({ isDefault }) => isDefault);
    if (step) void take(step);
  });
  return { form: (section.isFolded ? foldedPanel : panel)(section.title, form, below), below };
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
