import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.doUnmock("@node-rs/argon2");
  vi.resetModules();
});

/** Loads the engine anew, with the optional package as `fake`. */
async function chosenWith(fake: () => object): Promise<string> {
  vi.resetModules();
  vi.doMock("@node-rs/argon2", fake);
  const { loadPasswordEngine } = await import("../../../shared/passwords/engine.ts");
  return (await loadPasswordEngine()).name;
}

describe("loadPasswordEngine", () => {
  test("where the optional package is not installed, takes argon2", async () => {
    const missing = () => {
      throw new Error("Cannot find package");
    };
    expect(await chosenWith(missing)).toBe("argon2");
  });

  test("where it refuses the known answer, takes argon2", async () => {
    expect(await chosenWith(() => ({ hash: async () => "", verify: async () => false }))).toBe("argon2");
  });

  test("where it accepts any password, takes argon2", async () => {
    expect(await chosenWith(() => ({ hash: async () => "", verify: async () => true }))).toBe("argon2");
  });
});
