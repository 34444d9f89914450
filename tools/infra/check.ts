// npm run check:infra [-- --update]: builds, lints and formats infra/ with Microsoft's Bicep compiler, compares what
// each profile would deploy with the committed snapshots, and applies our own rules. Needs Bicep, or the .NET SDK to
// restore it; otherwise it says so and does nothing. --update rewrites the snapshots: their diff shows what a change
// does.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findCompiler, type Compiler } from "./compiler.ts";
import { judge, profiles, separate } from "./rules/all.ts";
import { legalNames, otherNames, withStem } from "./rules/names.ts";
import type { Deployment } from "./rules/resources.ts";
import { noIdentityOutput, noSecretOutput, secretsWrittenOnce, type Template } from "./rules/template.ts";
import { differences, predict, snapshotText } from "./snapshots.ts";
import { bicepFiles, buildAndLint, buildParameters, formatted, sourceRules } from "./source-checks.ts";

const snapshotFile = (profile: string) => `infra/snapshots/${profile}.json`;

/** Everything that has a snapshot. */
const predicted: readonly string[] = [...profiles, ...separate];

const predictedFiles: ReadonlySet<string> = new Set(predicted.map((name) => `${name}.bicepparam`));

/** A copy of `infra`, because the compiler writes next to its input. */
function copyOfInfra(): { folder: string; remove: () => void } {
  const root = mkdtempSync(path.join(tmpdir(), "latchkey-infra-"));
  const folder = path.join(root, "infra");
  cpSync("infra", folder, { recursive: true });
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The findings in `infra`; with `isUpdate`, snapshots are written instead of compared. */
async function checkInfra(compiler: Compiler, { isUpdate }: { isUpdate: boolean }): Promise<string[]> {
  const { folder, remove } = copyOfInfra();
  try {
    const built = await buildAndLint(compiler, folder, path.join(folder, "../built"));
    // What does not build has no prediction.
    if (built.length > 0) return built;
    const template = JSON.parse(readFileSync(path.join(folder, "../built/main.json"), "utf8")) as Template;
    const onTemplate = [secretsWrittenOnce, noSecretOutput, noIdentityOutput].flatMap((rule) => rule(template));
    const onText = [...sourceRules(folder), ...(await formatted(compiler, folder))];
    // The others are built by predicting them.
    const others = bicepFiles(folder).filter((file) => file.endsWith(".bicepparam") && !predictedFiles.has(file));
    const onParameters = await buildParameters(compiler, folder, others);
    return [...onText, ...onTemplate, ...onParameters, ...(await checkProfiles(compiler, { folder, isUpdate }))];
  } finally {
    remove();
  }
}

async function checkProfiles(compiler: Compiler, { folder, isUpdate }: { folder: string; isUpdate: boolean }) {
  const stems = await predictStems(compiler, folder);
  const checks = predicted.map(async (profile) => {
    // Deployments have different names, but all must give the same result as the committed snapshot.
    const deploymentName = `check-${process.pid}`;
    const deployment = await predict(compiler, { folder, file: `${profile}.bicepparam`, deploymentName });
    const found = isUpdate ? await update(compiler, { folder, profile, deployment }) : compare(profile, deployment);
    return [...found, ...judge(profile, deployment), ...namesAtEveryLength(deployment, stems)];
  });
  return (await Promise.all(checks)).flat();
}

interface Predicted {
  readonly folder: string;
  readonly profile: string;
  readonly deployment: Deployment;
}

/** Writes a snapshot, unless a second deployment would use different names. */
async function update(compiler: Compiler, { folder, profile, deployment }: Predicted): Promise<string[]> {
  const again = await predict(compiler, { folder, file: `${profile}.bicepparam`, deploymentName: "again" });
  const found = otherNames(deployment, again);
  if (found.length === 0) writeFileSync(snapshotFile(profile), snapshotText(deployment));
  return found;
}

function compare(profile: string, deployment: Deployment): string[] {
  const file = snapshotFile(profile);
  if (!existsSync(file)) return [`${file} is missing: npm run check:infra -- --update`];
  const found = differences(readFileSync(file, "utf8"), snapshotText(deployment));
  return found.map((difference) => `${file}: ${difference} (if intended: npm run check:infra -- --update)`);
}

/** The name stems for environment names of every length and with every kind of character. */
async function predictStems(compiler: Compiler, folder: string): Promise<string[]> {
  writeFileSync(
    path.join(folder, "stems.bicep"),
    `import { stemOf } from 'modules/conventions.bicep'
param names string[]
output stems string[] = map(names, name => stemOf(name, 'gaqtjhvvbbv4a'))
`,
  );
  const long = "Prod-2.eu_(Nord)ÄÖ-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const names = [...Array(64).keys()].flatMap((length) => [long.slice(0, length + 1), "-".repeat(length + 1)]);
  writeFileSync(
    path.join(folder, "stems.bicepparam"),
    `using 'stems.bicep'\nparam names = ['${names.join("', '")}']\n`,
  );
  const { outputs } = await predict(compiler, { folder, file: "stems.bicepparam" });
  return [...new Set(outputs["stems"] as string[])];
}

function namesAtEveryLength(deployment: Deployment, stems: readonly string[]): string[] {
  const app = deployment.resources.find(({ type }) => type === "Microsoft.Web/sites");
  // Templates that are deployed separately have no stem.
  if (!app) return [];
  const from = app.name.replace(/^func-(?:green-)?/, "");
  return stems.flatMap((to) => legalNames(withStem(deployment, { from, to })));
}

async function main(): Promise<void> {
  const compiler = findCompiler();
  if (!compiler) return console.log("check:infra was not run: it needs Bicep 0.49.2, or the .NET SDK 10 to restore it");
  const isUpdate = process.argv.includes("--update");
  const findings = await checkInfra(compiler, { isUpdate });
  for (const finding of findings) console.log(finding);
  console.log(`infra: ${predicted.length} templates ${isUpdate ? "written" : "checked"}, ${findings.length} findings`);
  if (findings.length > 0) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
