export type Attributes = Readonly<Record<string, string | boolean | undefined>>;
export type Child = Node | string | undefined;

/**
 * Creates an element. @param attributes false and undefined ones are omitted @param children texts become text nodes
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (typeof value === "string") made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button that does something. */
export function button(text: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", press);
  return made;
}

let ids = 0;

/** An id that nothing else on the page has. */
export function newId(kind: string): string {
  ids += 1;
  return `${kind}-${ids}`;
}

/** A part of the page with a heading. */
export function panel(title: string, ...children: readonly Child[]): HTMLElement {
  const id = newId("panel");
  return element("section", { "aria-labelledby": id }, element("h2", { id, tabindex: "-1" }, title), ...children);
}

/** A part of the page that is closed until its heading is pressed. */
export function foldedPanel(title: string, ...children: readonly Child[]): HTMLElement {
  const id = newId("panel");
  const summary = element("summary", {}, element("h2", { id }, title));
  return element("section", { "aria-labelledby": id }, element("details", {}, summary, ...children));
}

/** Moves the focus to the heading of what has just been shown, where a screen reader begins to read. */
export function focusHeading(within: ParentNode): void {
  within.querySelector<HTMLElement>("h1, h2")?.focus();
}
