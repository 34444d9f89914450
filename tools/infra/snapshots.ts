import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Compiler } from "./compiler.ts";
import type { Deployment, Resource } from "./rules/resources.ts";

/** A subscription and a directory that nobody has; names are derived from them. */
const place = [
  ["--subscription-id", "11111111-1111-1111-1111-111111111111"],
  ["--tenant-id", "22222222-2222-2222-2222-222222222222"],
  ["--location", "westeurope"],
].flat();

export interface Prediction {
  readonly folder: string;
  /** A `.bicepparam` file within the folder. */
  readonly file: string;
  readonly deploymentName?: string;
}

/**
 * What a parameters file would deploy, as the compiler predicts it. Resources are sorted by id and outputs by name,
 * because the compiler's own order varies.
 * @throws Error with the compiler's diagnostics
 */
export async function predict(
  compiler: Compiler,
  { folder, file, deploymentName = "latchkey" }: Prediction,
): Promise<Deployment> {
  const { diagnostics } = await compiler.run(["snapshot", file, ...place, "--deployment-name", deploymentName], folder);
  if (diagnostics.length > 0) throw new Error(`${file} cannot be predicted:\n${diagnostics.join("\n")}`);
  const snapshot = path.join(folder, file.replace(/\.bicepparam$/, ".snapshot.json"));
  const { predictedResources, outputs } = JSON.parse(readFileSync(snapshot, "utf8")) as {
    predictedResources: Resource[];
    outputs: Record<string, unknown>;
  };
  return {
    resources: predictedResources.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    outputs: Object.fromEntries(Object.entries(outputs).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** The text to commit; a value that is a whole file of `infra` is replaced by the file's name. */
export function snapshotText({ resources, outputs }: Deployment): string {
  const files = new Map(
    globSync("infra/apim/*.xml").map((file) => [readFileSync(file, "utf8"), file.replaceAll("\\", "/")]),
  );
  const shorten = (_key: string, value: unknown) =>
    typeof value === "string" && files.has(value) ? `(the text of ${files.get(value)})` : value;
  return `${JSON.stringify({ resources, outputs }, shorten, 2)}\n`;
}

/** The resources and outputs that differ between two snapshots. */
export function differences(committed: string, predicted: string): string[] {
  const [before, after] = [entriesOf(committed), entriesOf(predicted)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => {
      const change = before.has(name) ? (after.has(name) ? "changes" : "is removed") : "is added";
      return `${name} ${change}`;
    });
}

function entriesOf(text: string): Map<string, string> {
  const { resources, outputs } = JSON.parse(text) as Deployment;
  return new Map([
    ...resources.map((resource) => [`${resource.type} ${resource.name}`, JSON.stringify(resource)] as const),
    ...Object.entries(outputs).map(([name, value]) => [`output ${name}`, JSON.stringify(value)] as const),
  ]);
}
