// House rules that a linter can check: which file may import which, and which may read the time.
import path from "node:path";
import { linearRegex } from "./linear-regex.js";

const root = path.resolve(import.meta.dirname, "../..");

/** Each layer and the layers it may import. Concept folders know themselves and the platform, but not each other. */
const mayImport = {
  functions: ["http", "api", "jobs", "flows", "concept", "platform"],
  api: ["api", "http", "context", "services", "stores", "config", "concept", "platform"],
  http: ["http", "context", "services", "stores", "config", "concept", "platform"],
  jobs: ["jobs", "context", "services", "stores", "config", "concept", "platform"],
  flows: ["flows", "context", "services", "stores", "config", "concept", "platform"],
  context: ["services", "platform"],
  services: ["changes", "stores", "config", "concept", "platform"],
  changes: ["stores", "concept", "platform"],
  stores: ["config", "concept", "platform"],
  config: ["concept", "platform"],
  concept: ["platform"],
  platform: ["platform"],
};

/** Packages that only one place may import. */
const homes = [
  [/^@azure\/functions$/, /^shared\/(http|jobs)\//],
  [/^jose$/, /^shared\/(tokens|social|audit\/anchors)\//],
  [/^(argon2|@node-rs\/argon2)$/, /^shared\/passwords\//],
  [/^@azure\/keyvault-keys$/, /^shared\/tokens\//],
  [/^@azure\/(identity|storage-blob)$/, /^shared\/platform\//],
  [/^@redis\/client$/, /^shared\/limits\/redis\//],
  [/^(otpauth|qrcode)$/, /^shared\/mfa\//],
  [/^nodemailer\b/, /^shared\/mail\/providers\//],
  [/^arctic$/, /^shared\/social\/protocol\/authorization-url\.ts$/],
  [/^(tedious|tarn|node:sqlite)$/, /^shared\/platform\/database\//],
];

/** What `sessions` may import from accounts: the columns that it reads for the principal. */
const accountColumns = "shared/accounts/tables.ts";

/** The layer of a file, given its path from the root; undefined outside the house (tools, tests, packages). */
function layerOf(file) {
  if (file.startsWith("functions/")) return "functions";
  const place = placeOf(file);
  if (place === undefined) return undefined;
  return Object.hasOwn(mayImport, place) ? place : "concept";
}

/** The folder, or the file, of `shared/` that a file belongs to. */
function placeOf(file) {
  return /^shared\/([^/.]+)/.exec(file)?.[1];
}

/** Why `from` may not import `specifier`; undefined if it may. */
function objection(from, specifier) {
  const layer = layerOf(from);
  if (layer === undefined) return undefined;
  if (!specifier.startsWith(".")) {
    const home = homes.find(([name, place]) => name.test(specifier) && !place.test(from));
    return home && `"${specifier}" lives in ${home[1].source} alone`;
  }
  const target = path.posix.join(path.posix.dirname(from), specifier);
  const targetLayer = layerOf(target);
  if (targetLayer === undefined)
    return ["package.json", "docs/openapi.json"].includes(target) ? undefined : `${layer} may not import ${target}`;
  if (from.startsWith("shared/sessions/") && target === accountColumns) return undefined;
  const sameConcept = layer === "concept" && placeOf(from) === placeOf(target);
  if (sameConcept || mayImport[layer].includes(targetLayer)) return undefined;
  return `${layer} may not import ${targetLayer} (${target})`;
}

const layers = {
  create(context) {
    const from = path.relative(root, context.filename).split(path.sep).join("/");
    const check = (node) => {
      const specifier = node.source?.value;
      const reason = typeof specifier === "string" ? objection(from, specifier) : undefined;
      if (reason) context.report({ node, message: reason });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

const clock = {
  create(context) {
    const isClock = context.filename.endsWith("shared/platform/clock.ts");
    const report = (node) => {
      if (!isClock)
        context.report({
          node,
          message: "the time comes from the clock, once, and is passed down",
        });
    };
    return {
      'NewExpression[callee.name="Date"][arguments.length=0]': report,
      'CallExpression[callee.object.name="Date"][callee.property.name="now"]': report,
    };
  },
};

export default { meta: { name: "latchkey" }, rules: { layers, clock, "linear-regex": linearRegex } };
