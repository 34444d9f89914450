/** A text that the other side has: it is named instead of sent. */
export interface Kept {
  readonly text: number;
}

const limit = 64;
const longest = 100;

/** Long texts, tokens and lists, that are sent once and named by a number from then on. Both sides forget the oldest. */
export function createTexts() {
  const numbers = new Map<string, number>();
  const texts = new Map<number, string>();
  let [last, unsent] = [0, ""];

  function keep(text: string): number {
    last += 1;
    numbers.set(text, last);
    texts.set(last, text);
    numbers.delete(texts.get(last - limit) ?? "");
    texts.delete(last - limit);
    unsent += `+${last} ${JSON.stringify(text)}\n`;
    return last;
  }

  return {
    /** For `JSON.stringify`: a long text becomes its number. */
    shorten: (_key: string, value: unknown): unknown =>
      typeof value === "string" && value.length > longest ? { text: numbers.get(value) ?? keep(value) } : value,
    /** What stands for a value. @throws Error for a text that is forgotten */
    restore(value: unknown): unknown {
      const number = typeof value === "object" && value !== null ? (value as Kept).text : undefined;
      if (number === undefined) return value;
      const text = texts.get(number);
      if (text === undefined) throw new Error(`text ${number} is forgotten`);
      return text;
    },
    /** The lines that tell the other side of texts that it has not; "" for none. */
    takeUnsent(): string {
      const lines = unsent;
      unsent = "";
      return lines;
    },
  };
}
