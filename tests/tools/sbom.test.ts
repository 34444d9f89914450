import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { billOfMaterials } from "../../tools/sbom.ts";
import { createApp } from "../process/app-folder.ts";
import { packaged } from "../support/packaged.ts";

const { folder } = await packaged();
const { metadata, components, dependencies } = await billOfMaterials(process.cwd());

test("npm run sbom lists by version what is in the package, and nothing else", () => {
  const listed = components as readonly { "bom-ref": string; name: string; version: string; hashes?: object[] }[];
  const { dependencies: own } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(own))
    expect(listed.map((component) => component["bom-ref"])).toContain(`${name}@${version}`);
  // A package in the bundle leaves its name there, before each of its files.
  const code = globSync("dist/**/*.js", { cwd: folder }).map((file) => readFileSync(path.join(folder, file), "utf8"));
  for (const { name } of listed) {
    const isBundled = code.some(
      (text) => text.includes(`// node_modules/${name}/`) || text.includes(`/node_modules/${name}/`),
    );
    const isShipped = globSync(`node_modules/${name}/**`, { cwd: folder }).length > 0;
    expect(isBundled || isShipped, name).toBe(true);
  }
  for (const name of ["vitest", "typescript", "esbuild", "mobx"])
    expect(listed.find((component) => component.name === name)).toBeUndefined();
  for (const component of listed) expect(component.hashes).toHaveLength(1);
  expect(metadata.component).toMatchObject({ name: "latchkey", type: "application" });
  const refs = new Set(listed.map((component) => component["bom-ref"]));
  for (const { dependsOn } of dependencies) for (const other of dependsOn) expect(refs).toContain(other);
});

test("npm run sbom fails where npm does not list what is shipped", async () => {
  // Its packages are this checkout's, but npm finds no lockfile that has them.
  const root = await createApp({
    "functions/hello.ts": "console.log(1);\n",
    "package.json": '{"name":"x","version":"1.0.0"}',
  });
  await expect(billOfMaterials(root)).rejects.toThrow();
});
