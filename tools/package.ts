// npm run package: makes the deployable package, as the folder dist/package and as dist/latchkey.zip.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, describeBuildFailure } from "./build.ts";
import { oneLine } from "./local-host/failure.ts";
import { collectFiles, type PackageFiles } from "./package/contents.ts";
import { zip } from "./package/zip.ts";

/** The maximum size of the zip, which an instance unpacks before its first answer. */
const BUDGET_BYTES = 15_000_000;

export interface PackageOptions {
  /** The folder of package.json. */
  readonly root: string;
  /** Where to put `package/` and `latchkey.zip`, replacing existing ones. */
  readonly out: string;
}

export interface PackageResult {
  readonly files: number;
  readonly zipBytes: number;
}

/** Builds the app and writes the package. The same sources give the same bytes. @throws Error saying what is missing */
export async function makePackage({ root, out }: PackageOptions): Promise<PackageResult> {
  await build({ root });
  const workshop = await mkdtemp(path.join(tmpdir(), "latchkey-package-"));
  try {
    const files = await collectFiles(root, workshop);
    await writeFolder(path.join(out, "package"), files);
    const archive = zip(files);
    await writeFile(path.join(out, "latchkey.zip"), archive);
    return { files: files.size, zipBytes: archive.length };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function writeFolder(folder: string, files: PackageFiles): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

if (import.meta.main) {
  try {
    const root = process.cwd();
    const { files, zipBytes } = await makePackage({ root, out: path.join(root, "dist") });
    const size = `${(zipBytes / 1e6).toFixed(1)} MB`;
    console.log(`dist/latchkey.zip: ${size}, ${files} files, as in dist/package`);
    if (zipBytes > BUDGET_BYTES)
      throw new Error(`${size} is more than the ${BUDGET_BYTES / 1e6} MB that a package may have.`);
  } catch (error) {
    console.error(oneLine(describeBuildFailure(error)));
    process.exitCode = 1;
  }
}
