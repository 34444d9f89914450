// npm run templates: makes everything for provisioning, as the folder dist/templates and as dist/templates.tar, and
// prints the hash of the latter. Runs before and without npm ci: the provisioning job may grant roles, so nothing from
// npm's registry takes part in what it runs.
import { copyFile, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { archive } from "./archive.ts";
import { restoredCompiler } from "./infra/compiler.ts";
import { oneLine } from "./local-host/failure.ts";

export interface TemplatesOptions {
  /** The folder of package.json. */
  readonly root: string;
  /** Where to put `templates/` and `templates.tar`. */
  readonly out: string;
}

/**
 * Makes templates and parameters as JSON, with this environment's values, so provisioning needs no Bicep.
 * @returns the SHA-256 of `templates.tar` @throws Error saying what is missing
 */
export async function makeTemplates({ root, out }: TemplatesOptions): Promise<string> {
  const folder = path.join(out, "templates");
  const hook = "infra/hooks/register.sh";
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, path.dirname(hook)), { recursive: true });
  await copyFile(path.join(root, hook), path.join(folder, hook));
  await compile(root, folder);
  return archive(folder);
}

async function compile(root: string, folder: string): Promise<void> {
  const compiler = restoredCompiler();
  if (!compiler)
    throw new Error("Cannot compile the templates: this needs Linux x64 and the .NET SDK 10, which restores Bicep.");
  // The compiler writes next to its input.
  const workshop = await mkdtemp(path.join(tmpdir(), "latchkey-templates-"));
  try {
    await cp(path.join(root, "infra"), workshop, { recursive: true });
    const names = [
      ...(await readFile(path.join(workshop, "main.bicepparam"), "utf8")).matchAll(/readEnvironmentVariable\('(\w+)'/g),
    ];
    // Bicep treats an empty variable as a value, and GitHub's unset variables are empty.
    const variables = names.flatMap(([, name = ""]) => (process.env[name] ? [[name, process.env[name]] as const] : []));
    for (const words of [
      ["build", "main.bicep", "--outfile", path.join(folder, "template.json")],
      ["build-params", "main.bicepparam", "--outfile", path.join(folder, "parameters.json")],
    ]) {
      const { diagnostics } = await compiler.run(words, workshop, Object.fromEntries(variables));
      if (diagnostics.length > 0) throw new Error(diagnostics.join(" "));
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    const root = process.cwd();
    console.log(await makeTemplates({ root, out: path.join(root, "dist") }));
  } catch (error) {
    console.error(oneLine(error));
    process.exitCode = 1;
  }
}
