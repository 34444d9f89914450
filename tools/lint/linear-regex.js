// No regular expression may backtrack worse than linearly: whatever reads a caller's text must never be slow.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { checkSync } from "recheck";

/**
 * A verdict takes a second of CPU time, and every run meets the same expressions: those that recheck found safe are
 * cached next to the packages, until this file or recheck changes.
 */
const rules = createHash("sha256");
for (const file of ["linear-regex.js", "../../node_modules/recheck/package.json"])
  rules.update(readFileSync(path.resolve(import.meta.dirname, file)));
const cache = path.resolve(import.meta.dirname, "../../node_modules/.cache/latchkey");
const memory = path.join(cache, `linear-regex-${rules.digest("hex").slice(0, 16)}.json`);
const safe = new Set(remembered());

function remembered() {
  try {
    return JSON.parse(readFileSync(memory, "utf8"));
  } catch {
    return [];
  }
}

/** Why an expression is refused; undefined if it is fine. */
function objection(source, flags) {
  const key = `/${source}/${flags}`;
  if (safe.has(key)) return undefined;
  const fault = judge(source, flags);
  if (fault === undefined) remember(key);
  return fault;
}

function remember(key) {
  safe.add(key);
  mkdirSync(cache, { recursive: true });
  writeFileSync(memory, JSON.stringify([...safe], undefined, 1));
}

/** Counts steps instead of time, so that a busy machine gives the same verdict as an idle one. */
const countedLimits = { timeout: null, attackTimeout: null, incubationTimeout: null, seedingTimeout: null };

function judge(source, flags) {
  const { status, complexity, attack, error } = checkSync(source, flags, countedLimits);
  if (status === "safe") return undefined;
  if (status === "vulnerable")
    return `this expression is worse than linear (${complexity.summary}), as with ${attack.pattern}: parse by index`;
  return `this expression could not be judged (${error?.kind}): simplify it`;
}

/** The text of an argument that is known without running the code. */
function staticText(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

export const linearRegex = {
  create(context) {
    const report = (node, message) => message && context.report({ node, message });
    const construct = (node) => {
      const [pattern, flags] = node.arguments;
      const source = pattern?.regex?.pattern ?? staticText(pattern);
      const withFlags = flags === undefined ? (pattern?.regex?.flags ?? "") : staticText(flags);
      if (source === undefined || withFlags === undefined)
        return report(node, "an expression that is put together cannot be judged: write it out, or parse by index");
      return report(node, objection(source, withFlags));
    };
    return {
      "Literal[regex]": (node) => report(node, objection(node.regex.pattern, node.regex.flags)),
      'NewExpression[callee.name="RegExp"]': construct,
      'CallExpression[callee.name="RegExp"]': construct,
      // A string where a regular expression is expected becomes one.
      "CallExpression[callee.property.name=/^(?:match|matchAll|search)$/]": ({ arguments: [pattern] }) => {
        const source = staticText(pattern);
        if (source !== undefined) report(pattern, objection(source, ""));
      },
    };
  },
};
