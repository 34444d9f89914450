import type { Block } from "./letters.ts";

/** A letter as plain text, ending in a line break. Lines are as long as they come: mail programs wrap them. */
export function asText(hello: string, blocks: readonly Block[], footer: readonly string[]): string {
  return [hello, ...blocks.map(blockText), ["-- ", ...footer].join("\n")].join("\n\n").concat("\n");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.text;
    case "link":
      return `${block.text}:\n${block.url}`;
    case "code":
      return `    ${block.text}`;
    default:
      return block.rows.map(([label, value]) => `${label}: ${value}`).join("\n");
  }
}
