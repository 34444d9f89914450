// npm run check:infra [-- --update]: builds, lints and formats infra/ with Microsoft's Bicep compiler, compares what each
// profile would deploy with the committed snapshots, and holds our own rules against it. Needs Bicep, or the .NET SDK to
// restore it; without either says so. --update writes the snapshots anew: their diff says what a change does.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findCompiler, type Compiler } from "./compiler.ts";
import { judge, profiles } from "./rules/all.ts";
import { legalNames, otherNames, withStem } from "./rules/names.ts";
import type { Deployment } from "./rules/resources.ts";
import { noIdentityOutput, noSecretOutput, secretsWrittenOnce, type Template } from "./rules/template.ts";
import { differences, predict, snapshotText } from "./snapshots.ts";
import { buildAndLint, formatted, sourceRules } from "./source-checks.ts";

const snapshotFile = (profile: string) => `infra/snapshots/${profile}.json`;

/** A copy of `infra`, since the compiler writes beside what it reads. */
function copyOfInfra(): { folder: string; remove: () => void } {
  const root = mkdtempSync(path.join(tmpdir(), "latchkey-infra-"));
  const folder = path.join(root, "infra");
  cpSync("infra", folder, { recursive: true });
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** What is wrong with `infra`; with `isUpdate` the snapshots are written, not compared. */
async function checkInfra(compiler: Compiler, { isUpdate }: { isUpdate: boolean }): Promise<string[]> {
  const { folder, remove } = copyOfInfra();
  try {
    const built = await buildAndLint(compiler, folder, path.join(folder, "../built"));
    // What does not build cannot be predicted.
    if (built.length > 0) return built;
    const template = JSON.parse(readFileSync(path.join(folder, "../built/main.json"), "utf8")) as Template;
    const onTemplate = [secretsWrittenOnce, noSecretOutput, noIdentityOutput].flatMap((rule) => rule(template));
    const onText = [...sourceRules(folder), ...(await formatted(compiler, folder))];
    return [...onText, ...onTemplate, ...(await checkProfiles(compiler, { folder, isUpdate }))];
  } finally {
    remove();
  }
}

async function checkProfiles(compiler: Compiler, { folder, isUpdate }: { folder: string; isUpdate: boolean }) {
  const stems = await predictStems(compiler, folder);
  const checks = profiles.map(async (profile) => {
    const deployment = await predict(compiler, { folder, file: `${profile}.bicepparam` });
    const compared = isUpdate ? [] : compare(profile, deployment);
    if (isUpdate) writeFileSync(snapshotFile(profile), snapshotText(deployment));
    const repeated = twice.has(profile) ? await repeat(compiler, { folder, profile, first: deployment }) : [];
    return [...compared, ...judge(profile, deployment), ...namesAtEveryLength(deployment, stems), ...repeated];
  });
  return (await Promise.all(checks)).flat();
}

function compare(profile: string, deployment: Deployment): string[] {
  const file = snapshotFile(profile);
  if (!existsSync(file)) return [`${file} is missing: npm run check:infra -- --update`];
  const found = differences(readFileSync(file, "utf8"), snapshotText(deployment));
  return found.map((difference) => `${file}: ${difference} (if it should: npm run check:infra -- --update)`);
}

/** The stem of names for environments of every length, and of every kind of character. */
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
  const from = app?.name.replace(/^func-/, "") ?? "";
  return stems.flatMap((to) => legalNames(withStem(deployment, { from, to })));
}

/** The profiles that are predicted twice: together they have every type of resource. */
const twice: ReadonlySet<string> = new Set(["private", "gateway"]);

/** Two deployments with the same parameters give the same names. */
async function repeat(
  compiler: Compiler,
  { folder, profile, first }: { folder: string; profile: string; first: Deployment },
): Promise<string[]> {
  const file = `again-${profile}.bicepparam`;
  cpSync(path.join(folder, `${profile}.bicepparam`), path.join(folder, file));
  return otherNames(first, await predict(compiler, { folder, file, deploymentName: "another" }));
}

async function main(): Promise<void> {
  const compiler = findCompiler();
  if (!compiler) return console.log("check:infra was not run: it needs Bicep 0.49.2, or the .NET SDK 10 to restore it");
  const isUpdate = process.argv.includes("--update");
  const findings = await checkInfra(compiler, { isUpdate });
  for (const finding of findings) console.log(finding);
  console.log(`infra: ${profiles.length} profiles ${isUpdate ? "written" : "checked"}, ${findings.length} findings`);
  if (findings.length > 0) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
