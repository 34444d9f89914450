import * as z from "zod";
import type { CatalogueEntry } from "../../shared/http/catalogue.ts";

/** What expressions and loops choke on when there is much of it. */
const pumps: Readonly<Record<string, string>> = {
  blanks: " ",
  tabs: "\t",
  commas: ",",
  semicolons: ";",
  quotes: '"',
  backslashes: "\\",
  escapes: '\\"',
  signs: "=",
  percents: "%",
  dots: ".",
  letters: "a",
  tokens: "eyJ",
  pairs: "a=b;",
  parameters: '; q="',
  addresses: "1.1.1.1, ",
  brackets: "[",
};

/** Of bodies, queries and paths alone: what else is read there, and what no header can have. */
const wide: Readonly<Record<string, string>> = {
  pluses: "+",
  slashes: "/",
  ats: "@",
  digits: "1",
  hyphens: "a-",
  NULs: "\0",
  marks: "a\u0301\u0316",
  "marks in disorder": "\u0301\u0316",
  surrogates: "\uD800",
  "line breaks": "\r\n",
  "spaces of other kinds": "\u00A0\u3000\u2028",
  "directions and invisibles": "\u202E\u200B\u00AD",
  ideographs: Array.from({ length: 500 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000))).join(
    "",
  ),
  emoji: "\u{1F468}\u200D",
};

export interface Hostile {
  readonly what: string;
  /** As much of it as fits into so many bytes of an ASCII text; of others a third. */
  readonly fill: (bytes: number) => string;
}

const toHostile = ([what, pump]: [string, string]): Hostile => ({
  what,
  fill: (bytes) => pump.repeat(Math.max(0, Math.floor(bytes / Buffer.byteLength(pump)))),
});

export const headerTexts = Object.entries(pumps).map(toHostile);
export const texts = [...headerTexts, ...Object.entries(wide).map(toHostile)];

/** Each header that something reads, with what it begins with where it is read further, and what spoils its end. */
export const headers: readonly (readonly [name: string, before: string, after: string])[] = [
  ["Cookie", "a=b;", "x;c=d"],
  ["Cookie", "refresh_token=", "!"],
  ["Cookie", "oauth_attempt_0=eyJ", ".."],
  ["Authorization", "Bearer ", "!"],
  ["Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.", ""],
  ["Authorization", "Basic ", "!"],
  ["Accept", "application/problem+json;", "x"],
  ["Content-Type", "application/json;", "x"],
  ["Content-Type", "application/x-www-form-urlencoded; charset=", '"'],
  ["Content-Encoding", "", ""],
  ["X-Forwarded-For", "", "]"],
  ["User-Agent", "", ""],
  ["Origin", "https://", ""],
  ["Sec-Fetch-Site", "", ""],
  ["If-None-Match", 'W/"', "x"],
  ["Access-Control-Request-Headers", "", "x"],
];

/** The members that an endpoint's body or query may have. */
export function memberNames(schema: CatalogueEntry["body"]): string[] {
  const { properties = {} } = schema ? z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) : {};
  return Object.keys(properties);
}

/** JSON texts of about so many bytes whose shape is the trouble. */
export function jsonShapes(bytes: number): Readonly<Record<string, string>> {
  const many = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, n) => text(n));
  const depth = Math.floor(bytes / 8);
  return {
    "arrays in arrays": "[".repeat(bytes / 2) + "]".repeat(bytes / 2),
    "arrays that do not end": "[".repeat(bytes),
    "objects in objects": `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`,
    "many arrays": `[${many(bytes / 3 - 2, () => "[]").join(",")}]`,
    "many objects": `[${many(bytes / 3 - 2, () => "{}").join(",")}]`,
    "many names": `{${many(bytes / 12, (index) => `"${index}":1`).join(",")}}`,
    "one name many times": `{${many(bytes / 6 - 2, () => '"a":1').join(",")}}`,
    "names that share a hash's end": `{${many(bytes / 24, (index) => `"__proto__${index * 65_536}":1`).join(",")}}`,
    "a long number": `{"email":${"1".repeat(bytes - 20)}}`,
    "a long fraction": `{"email":0.${"1".repeat(bytes - 20)}e-999999}`,
    "escapes in a name": `{"${'\\"'.repeat(bytes / 2 - 10)}":1}`,
    "spaces around": `${" ".repeat(bytes / 2)}{}${" ".repeat(bytes / 2 - 8)}`,
  };
}
