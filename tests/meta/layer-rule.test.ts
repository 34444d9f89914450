import { describe, expect, test } from "vitest";
import { lintProbes, type Probe } from "../support/lint-house.ts";

const readsEnvironment = "export const home = process.env.HOME;";

const lets = [
  ["a concept its own subfolder", "shared/zz-probe/a.ts", 'import "./inner/b.ts";'],
  ["a subfolder of a concept another one of it", "shared/zz-probe/inner/a.ts", 'import "../other/b.ts";'],
  ["a subfolder of a concept the platform", "shared/zz-probe/inner/a.ts", 'import "../../platform/log.ts";'],
  ["a flow in a subfolder the services", "shared/flows/zz-probe/a.ts", 'import "../../services.ts";'],
  ["a function in a new folder http", "functions/zz-probe/a.ts", 'import "../../shared/http/endpoint.ts";'],
  ["the configuration a concept", "shared/config.ts", 'import "./sessions/settings.ts";'],
  ["the configuration the environment", "shared/config.ts", readsEnvironment],
] as const;

const refuses = [
  [
    "a subfolder of a concept another",
    "shared/zz-probe/inner/a.ts",
    "../../sessions/rotation.ts",
    "concept",
    "concept",
  ],
  ["a concept a subfolder of another", "shared/zz-probe/a.ts", "../tokens/keys/key-store.ts", "concept", "concept"],
  ["a concept the configuration", "shared/zz-probe/a.ts", "../config.ts", "concept", "config"],
  ["a subfolder of a concept the services", "shared/zz-probe/inner/a.ts", "../../services.ts", "concept", "services"],
  ["the configuration http", "shared/config.ts", "./http/cookies.ts", "config", "http"],
  ["the platform the configuration", "shared/platform/zz-probe.ts", "../config.ts", "platform", "config"],
] as const;

/** All files but the configuration may not read the environment. */
const readers = ["shared/services.ts", "shared/context.ts", "shared/sessions/settings.ts"];

const found = lintProbes(probes());

describe("the layer rule, where folders have subfolders", () => {
  test.each(lets.map(([what], index) => ({ what, said: found[index] })))("lets $what", ({ said }) => {
    expect(said).toBe("");
  });

  test.each(refuses.map(([what, , , from, to], index) => ({ what, from, to, said: found[lets.length + index] })))(
    "does not let $what",
    ({ from, to, said }) => expect(said).toContain(`${from} may not import ${to}`),
  );

  test.each(readers.map((file, index) => ({ file, said: found[lets.length + refuses.length + index] })))(
    "keeps the environment from $file",
    ({ said }) => expect(said).toContain("process.env"),
  );
});

/** A file for each line of the tables, in their order. */
function probes(): Probe[] {
  return [
    ...lets.map(([, file, text]) => ({ file, text })),
    ...refuses.map(([, file, target]) => ({ file, text: `import "${target}";` })),
    ...readers.map((file) => ({ file, text: readsEnvironment })),
  ];
}
