import { registerHooks } from "node:module";
import { describe, expect, test } from "vitest";
import type * as Engine from "../../../shared/passwords/engine.ts";

let loads = 0;

/** Loads the engine anew, with what `resolve` finds as the optional package. */
async function chosenWith(resolve: () => string): Promise<string> {
  loads += 1;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@node-rs/argon2" ? { url: resolve(), shortCircuit: true } : next(specifier, context),
  });
  try {
    const url = new URL(`../../../shared/passwords/engine.ts?load=${loads}`, import.meta.url).href;
    const { loadPasswordEngine } = (await import(url)) as typeof Engine;
    return (await loadPasswordEngine()).name;
  } finally {
    hooks.deregister();
  }
}

const withVerify = (answer: boolean) =>
  `data:text/javascript,export const hash = async () => "", verify = async () => ${answer}`;

describe("loadPasswordEngine", () => {
  test("where the optional package is not installed, takes argon2", async () => {
    const missing = () => {
      throw new Error("Cannot find package");
    };
    expect(await chosenWith(missing)).toBe("argon2");
  });

  test("where it refuses the known answer, takes argon2", async () => {
    expect(await chosenWith(() => withVerify(false))).toBe("argon2");
  });

  test("where it accepts any password, takes argon2", async () => {
    expect(await chosenWith(() => withVerify(true))).toBe("argon2");
  });
});
