// npm run sbom: writes dist/sbom.cdx.json, the package's bill of materials in CycloneDX format.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build, describeBuildFailure } from "./build.ts";
import { oneLine } from "./local-host/failure.ts";
import { shippedModules } from "./package/contents.ts";
import { npm } from "./package/npm.ts";

interface Bill {
  readonly metadata: { readonly component: object };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/**
 * npm's data about the packages in the package: those with code in the bundle, and those shipped as files. `npm sbom
 * --omit dev` would also leave out packages that a development tool happens to need.
 * @throws Error naming a package that npm does not list
 */
export async function billOfMaterials(root: string): Promise<Bill> {
  const { packages } = await build({ root });
  const folders = [...packages, ...shippedModules.map((name) => `node_modules/${name}`)];
  const shipped = await Promise.all(folders.map((folder) => reference(path.join(root, folder))));
  const all = JSON.parse(await npm(["sbom", "--sbom-format", "cyclonedx"], root)) as Bill;
  const self = await readManifest(root);
  const known = new Set(all.components.map((component) => component["bom-ref"]));
  const missing = shipped.find((ref) => !known.has(ref));
  if (missing) throw new Error(`npm does not list ${missing}: the bill is made where the package runs, on Linux x64.`);
  const kept = new Set([...shipped, `${self.name}@${self.version}`]);
  return {
    ...all,
    // npm names it after its folder.
    metadata: { ...all.metadata, component: { ...all.metadata.component, name: self.name, type: "application" } },
    components: all.components.filter((component) => kept.has(component["bom-ref"])),
    dependencies: all.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) })),
  };
}

async function reference(folder: string): Promise<string> {
  const { name, version } = await readManifest(folder);
  return `${name}@${version}`;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as Manifest;
}

if (import.meta.main) {
  try {
    const bill = await billOfMaterials(process.cwd());
    await mkdir("dist", { recursive: true });
    await writeFile("dist/sbom.cdx.json", `${JSON.stringify(bill, undefined, 2)}\n`);
    console.log(`dist/sbom.cdx.json: ${bill.components.length} packages`);
  } catch (error) {
    console.error(oneLine(describeBuildFailure(error)));
    process.exitCode = 1;
  }
}
