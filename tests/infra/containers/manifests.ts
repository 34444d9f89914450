import { execFile } from "node:child_process";
import { globSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { temporaryFolder } from "../../support/folder.ts";

const run = promisify(execFile);

/** An object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  // Tests state what they expect of the rest; its static type would only repeat it.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly [member: string]: any;
}

/** The objects of a file. @throws Error when it is no YAML, or names a key twice */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  });
}

/** All objects below infra/kubernetes. */
export function ownManifests(): Manifest[] {
  return globSync("infra/kubernetes/*.yaml")
    .toSorted()
    .flatMap((file) => readManifests(readFileSync(file, "utf8")));
}

/** Of the Secrets Store CSI driver, whose types are in no package: what Azure's provider reads of it. */
const secretProviderClass = `interface SecretProviderClass {
  apiVersion: "secrets-store.csi.x-k8s.io/v1";
  kind: "SecretProviderClass";
  metadata: { name: string };
  spec: {
    provider: "azure";
    parameters: { clientID: string; keyvaultName: string; tenantId: string; objects: string };
    secretObjects: { secretName: string; type: "Opaque"; data: { objectName: string; key: string }[] }[];
  };
}`;

/** The TypeScript type of an object, as kubernetes-models generates it from the API's own schema. */
function typeOf({ apiVersion, kind }: Manifest): string {
  if (kind === "SecretProviderClass") return kind;
  return `import("kubernetes-models/${apiVersion}").I${kind}`;
}

/**
 * What Kubernetes would refuse of these objects, a key that it does not know included. The compiler finds such keys, since an
 * object literal may have no other members than its type; the schema's own check finds wrong values.
 */
export async function faultsOf(manifests: readonly Manifest[]): Promise<string[]> {
  const wrongValues = await Promise.all(manifests.filter(({ kind }) => kind !== "SecretProviderClass").map(wrongValue));
  return [...(await compile(manifests)), ...wrongValues.filter((fault) => fault !== undefined)];
}

async function compile(manifests: readonly Manifest[]): Promise<string[]> {
  const root = temporaryFolder();
  symlinkSync(path.resolve("node_modules"), path.join(root, "node_modules"), "dir");
  const lines = manifests.map(
    (manifest, index) => `export const m${index}: ${typeOf(manifest)} = ${JSON.stringify(manifest)};`,
  );
  writeFileSync(path.join(root, "package.json"), '{"type":"module"}');
  writeFileSync(path.join(root, "manifests.ts"), [secretProviderClass, ...lines].join("\n"));
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--pretty", "false", "--module", "nodenext", "--types", ""];
  const failure = await run("tsc", [...flags, "manifests.ts"], { cwd: root }).then(
    () => undefined,
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );
  return failure === undefined
    ? []
    : failure
        .trim()
        .replaceAll(/'"(\w+)"'/g, "'$1'")
        .split("\n");
}

async function wrongValue(manifest: Manifest): Promise<string | undefined> {
  const { apiVersion, kind } = manifest;
  const models = (await import(/* @vite-ignore */ `kubernetes-models/${apiVersion}`)) as Record<
    string,
    new (data: object) => { validate(): void }
  >;
  const Model = models[kind];
  if (!Model) return `${apiVersion} has no ${kind}`;
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
