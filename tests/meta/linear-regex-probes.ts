import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/folder.ts";

/** What `addPair` of `shared/http/cookies.ts` once was: cubic on blanks. */
const once = String.raw`/^[ \t]*([^=]*?)[ \t]*=[ \t]*(.*?)[ \t]*$/s`;

/** Lints files as `npm run check` does, under its own configuration. @returns `file: message` of each fault */
async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = temporaryFolder();
  const { jsPlugins, overrides } = JSON.parse(readFileSync(".oxlintrc.json", "utf8"));
  const plugins = (jsPlugins as string[]).map((file) => path.resolve(file));
  const config = { jsPlugins: plugins, plugins: [], categories: { correctness: "off" }, overrides };
  writeFileSync(path.join(root, ".oxlintrc.json"), JSON.stringify(config));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  const command = [path.resolve("node_modules/oxlint/bin/oxlint"), "--format", "json"];
  // It ends with 1 when it has found something.
  const failed = (error: { stdout: string }) => error;
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(failed);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; message: string }[] };
  return diagnostics.map(({ filename, message }) => `${filename}: ${message}`).toSorted();
}

/** Wherever a caller's text is read. */
export const places = [
  "shared/http",
  "functions/auth",
  "client/src",
  "pages/test-login",
  "pages/account",
  "tools/local-host",
];

/** Expressions that are refused, and why. */
export const refused = [
  ["a quadratic one", String.raw`text.replace(/\s+$/, "")`, "2nd degree"],
  ["an exponential one", "/^(?:a|a)*$/.test(text)", "exponential"],
  ["one of a constructor", String.raw`new RegExp("^a*a*$").test(text)`, "2nd degree"],
  ["one of a function", "RegExp(`^a*a*$`).test(text)", "2nd degree"],
  ["one of a text", 'text.match("^a*a*$")', "2nd degree"],
  ["one that is put together", "new RegExp(`^${text}$`).test(text)", "cannot be judged"],
] as const;

const listed = `// oxlint-disable-next-line latchkey/linear-regex -- a reason\nexport const y = ${once};`;

/** What the linter finds in all of them. One run for all: starting it costs most. */
export const faults = await lint({
  ...Object.fromEntries(places.map((place) => [`${place}/once.ts`, `export const x = ${once};`])),
  ...Object.fromEntries(
    refused.map(([, code], index) => [
      `shared/refused/${index}.ts`,
      `declare const text: string;\nexport const x = ${code};`,
    ]),
  ),
  "shared/taken.ts": `export const x = /^[a-z]+=[a-z]*$/;\n${listed}`,
});
