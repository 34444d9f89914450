import { describe, expect, test } from "vitest";
import { createLintHouse } from "../support/lint-house.ts";

const lint = createLintHouse();

describe("the layer rule, where folders have subfolders", () => {
  test.each([
    ["a concept its own subfolder", "shared/zz-probe/a.ts", 'import "./inner/b.ts";'],
    ["a subfolder of a concept another one of it", "shared/zz-probe/inner/a.ts", 'import "../other/b.ts";'],
    ["a subfolder of a concept the platform", "shared/zz-probe/inner/a.ts", 'import "../../platform/log.ts";'],
    ["a flow in a subfolder the services", "shared/flows/zz-probe/a.ts", 'import "../../services.ts";'],
    ["a function in a new folder http", "functions/zz-probe/a.ts", 'import "../../shared/http/endpoint.ts";'],
    ["the configuration a concept", "shared/config.ts", 'import "./sessions/settings.ts";'],
    ["the configuration the environment", "shared/config.ts", "export const home = process.env.HOME;"],
  ])("lets %s", (_what, file, text) => {
    const { status, stdout } = lint(file, text);
    expect(status, stdout).toBe(0);
  });

  test.each([
    ["a subfolder of a concept another", "shared/zz-probe/inner/a.ts", "../../sessions/rotation.ts", "concept"],
    ["a concept a subfolder of another", "shared/zz-probe/a.ts", "../tokens/keys/key-store.ts", "concept"],
    ["a concept the configuration", "shared/zz-probe/a.ts", "../config.ts", "config"],
    ["a subfolder of a concept the services", "shared/zz-probe/inner/a.ts", "../../services.ts", "services"],
  ])("does not let %s", (_what, file, target, layer) => {
    expect(lint(file, `import "${target}";`).stdout).toContain(`concept may not import ${layer}`);
  });

  test("does not let the configuration http, nor the platform the configuration", () => {
    expect(lint("shared/config.ts", 'import "./http/cookies.ts";').stdout).toContain("config may not import http");
    expect(lint("shared/platform/zz.ts", 'import "../config.ts";').stdout).toContain("platform may not import config");
  });

  test("keeps the environment from every file but the configuration", () => {
    for (const file of ["shared/services.ts", "shared/context.ts", "shared/sessions/settings.ts"])
      expect(lint(file, "export const home = process.env.HOME;").stdout, file).toContain("process.env");
  });
});
