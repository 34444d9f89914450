import type { Block } from "./letters.ts";

/** What surrounds a letter in plain text. */
export interface Lines {
  readonly hello: string;
  readonly colon: string;
  readonly footer: readonly string[];
}

/** A letter as plain text, ending in a line break. Lines are as long as they come: mail programs wrap them. */
export function asText({ hello, colon, footer }: Lines, blocks: readonly Block[]): string {
  return [hello, ...blocks.map((block) => blockText(block, colon)), ["-- ", ...footer].join("\n")]
    .join("\n\n")
    .concat("\n");
}

function blockText(block: Block, colon: string): string {
  switch (block.kind) {
    case "paragraph":
      return block.text;
    case "link":
      return `${block.text}${colon.trimEnd()}\n${block.url}`;
    case "code":
      return `    ${block.text}`;
    default:
      return block.rows.map(([label, value]) => `${label}${colon}${value}`).join("\n");
  }
}
