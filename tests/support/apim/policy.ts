import { readFileSync } from "node:fs";
import { XMLParser, XMLValidator } from "fast-xml-parser";

/** An element of a policy document, with its elements in their order. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its text, where it has no elements. */
  readonly text: string;
}

/** The folder of the fragments. */
export const fragmentsFolder = "infra/apim";

type Node = Record<string, unknown> & { readonly ":@"?: Record<string, string> };

/** Reads a policy document. @param namedValues what stands in braces: API Management puts it in before it reads the rest */
export function readPolicy(file: string, namedValues: Readonly<Record<string, string>> = {}): Element {
  const text = readFileSync(`${fragmentsFolder}/${file}`, "utf8").replace(
    /\{\{([\w-]+)\}\}/g,
    (braces, name: string) => {
      const value = namedValues[name];
      return value ?? braces;
    },
  );
  const fault = XMLValidator.validate(text);
  if (fault !== true) throw new Error(`${file}:${fault.err.line}: ${fault.err.msg}`);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    trimValues: true,
    parseTagValue: false,
    parseAttributeValue: false,
  });
  const [root] = elementsOf(parser.parse(text) as Node[]);
  if (!root) throw new Error(`${file} is empty`);
  return root;
}

function elementsOf(nodes: readonly Node[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ":@" && key !== "#text");
    if (name === undefined) return [];
    const inner = node[name] as Node[];
    const text = inner.map((one) => (one["#text"] as string | undefined) ?? "").join("");
    // XML turns the line breaks of an attribute into spaces.
    const attributes = Object.entries(node[":@"] ?? {}).map(([key, value]) => [key, value.replace(/\s*\n\s*/g, " ")]);
    return [{ name, attributes: Object.fromEntries(attributes), children: elementsOf(inner), text }];
  });
}

/** An element and all within it. */
export function descendants(element: Element): Element[] {
  return [element, ...element.children.flatMap(descendants)];
}

/** The texts of an element that are expressions: `@(…)` or `@{…}`. */
export function expressionsOf({ attributes, text }: Element): string[] {
  return [...Object.values(attributes), text].filter((value) => /^@[({]/.test(value));
}
