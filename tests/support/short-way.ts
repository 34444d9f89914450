// Resolves the sources' imports of each other, which name files, without asking anybody: Vitest reports each import to its
// main process, and Node looks for packages.
import { registerHooks } from "node:module";

const isRegistered = Symbol.for("latchkey.short-way");
const root = new URL("../..", import.meta.url).href;

/** Whether a module of this project names a TypeScript file. */
function isOurs(specifier: string, parent: string | undefined): parent is string {
  return /^\.{1,2}\/.*\.ts$/.test(specifier) && parent?.startsWith(root) === true && !parent.includes("/node_modules/");
}

// In an editor Vitest runs the files again that import what has changed.
if (process.env["VITEST_MODE"] !== "WATCH" && !(isRegistered in globalThis)) {
  Object.assign(globalThis, { [isRegistered]: true });
  registerHooks({
    resolve: (specifier, context, next) =>
      isOurs(specifier, context.parentURL)
        ? { url: new URL(specifier, context.parentURL).href, format: "module-typescript", shortCircuit: true }
        : next(specifier, context),
  });
}
