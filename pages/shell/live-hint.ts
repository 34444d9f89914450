import { element } from "./element.ts";

export interface Hint {
  readonly text: string;
  readonly isMet: boolean;
}

/** What the fields of a form hold, by their names. */
export type Typed = Readonly<Record<string, string>>;

/** What is said about a value while it is typed. */
export interface LiveHint {
  /** At once, with every keystroke. */
  readonly hint: (value: string) => Hint;
  /**
   * By somebody who takes time to answer: asked once the hint is met and the typing pauses. Undefined if there is nothing
   * to add; a rejection counts as that.
   */
  readonly judge?: ((typed: Typed) => Promise<Hint | undefined>) | undefined;
}

const pauseMs = 400;

/** Screen readers announce when the rule is met and what was judged, not every keystroke. */
export function liveHint(input: HTMLInputElement, said: HTMLElement, { hint, judge }: LiveHint): HTMLElement {
  const heard = element("span", { class: "heard", "aria-live": "polite" });
  const show = ({ text, isMet }: Hint, isAnnounced: boolean) => {
    said.textContent = text;
    said.classList.toggle("met", isMet);
    heard.textContent = isAnnounced ? text : "";
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function ask(): Promise<void> {
    const asked = input.value;
    const typed = input.form ? new FormData(input.form) : new FormData();
    const told = await judge?.({ ...(Object.fromEntries(typed) as Typed), [input.name]: asked });
    // What was typed meanwhile has its own answer.
    if (told && input.value === asked) show(told, true);
  }
  const say = () => {
    const own = hint(input.value);
    show(own, own.isMet);
    clearTimeout(timer);
    if (judge && own.isMet) timer = setTimeout(() => void ask().catch(() => {}), pauseMs);
  };
  input.addEventListener("input", say);
  say();
  return heard;
}
