// npm run images: writes the current digest of every container image next to its tag. --check changes nothing, contacts
// no registry, and exits with 1 if an image has no digest.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { oneLine } from "./local-host/failure.ts";

/** The files that name images to pull. */
const places = ["Dockerfile", "compose.yaml", ".github/workflows/*.yml", "infra/kubernetes/*.yaml"];

const named = /^(?:FROM|[ -]+image:)[ \t]+["']?([^\s"']+)/gm;

/** The third-party images that a file names, each once; without stages of a Dockerfile and placeholders. */
export function imagesIn(text: string): string[] {
  const stages = new Set([...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, stage]) => stage));
  const found = [...text.matchAll(named)].map(([, image = ""]) => image);
  return [...new Set(found)].filter((image) => !stages.has(image) && !image.includes("example."));
}

/** Whether an image name includes a digest. */
export const hasDigest = (image: string): boolean => /@sha256:[\da-f]{64}$/.test(image);

const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The registry of an image name: Docker Hub unless its first part is a host. */
function placeOf(image: string): { origin: string; repository: string; tag: string } {
  const [, name = "", tag = ""] = /^(.+):([\w.-]+)$/.exec(image.replace(/@.*$/, "")) ?? [];
  const [first = "", ...rest] = name.split("/");
  if (rest.length > 0 && /[.:]/.test(first)) {
    const scheme = /^(?:localhost|127\.)/.test(first) ? "http" : "https";
    return { origin: `${scheme}://${first}`, repository: rest.join("/"), tag };
  }
  return { origin: "https://registry-1.docker.io", repository: rest.length > 0 ? name : `library/${name}`, tag };
}

/** A registry's digest for a tag (OCI Distribution, "Pulling manifests"). @throws Error saying why there is none */
export async function digestOf(image: string): Promise<string> {
  const { origin, repository, tag } = placeOf(image);
  const url = `${origin}/v2/${repository}/manifests/${tag}`;
  const ask = (headers: Record<string, string>) =>
    fetch(url, { method: "HEAD", headers: { Accept: accepted, ...headers }, signal: AbortSignal.timeout(30_000) });
  let answer = await ask({});
  if (answer.status === 401) {
    const challenge = answer.headers.get("www-authenticate") ?? "";
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const query = new URLSearchParams({ service: part("service"), scope: `repository:${repository}:pull` });
    const { token } = (await (await fetch(`${part("realm")}?${query.toString()}`)).json()) as { token: string };
    answer = await ask({ Authorization: `Bearer ${token}` });
  }
  const digest = answer.headers.get("docker-content-digest") ?? "";
  if (!answer.ok || !/^sha256:[\da-f]{64}$/.test(digest))
    throw new Error(`${url} answered ${answer.status} without a digest`);
  return digest;
}

/** The files below `root` that name images, with their texts. */
const filesOf = (root: string) =>
  globSync(places, { cwd: root }).map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));

/** The images without a digest, as `file: image`. */
export function unpinned(root: string): string[] {
  return filesOf(root).flatMap(({ file, text }) =>
    imagesIn(text)
      .filter((image) => !hasDigest(image))
      .map((image) => `${file}: ${image}`),
  );
}

/** Updates all digests. @returns what changed */
export async function pinImages(root: string): Promise<string[]> {
  const changed: string[] = [];
  for (const { file, text } of filesOf(root)) {
    let next = text;
    for (const image of imagesIn(text)) {
      const pinned = `${image.replace(/@.*$/, "")}@${await digestOf(image)}`;
      if (pinned !== image) changed.push(`${file}: ${pinned}`);
      next = next.replaceAll(named, (line, found: string) => (found === image ? line.replace(image, pinned) : line));
    }
    if (next !== text) writeFileSync(path.join(root, file), next);
  }
  return changed;
}

if (import.meta.main) {
  try {
    const root = process.cwd();
    const isCheck = process.argv.includes("--check");
    const lines = isCheck ? unpinned(root) : await pinImages(root);
    for (const line of lines) console.log(isCheck ? `${line} has no digest` : line);
    if (isCheck && lines.length > 0) {
      console.log("Run `npm run images` where the registries of these images are in reach, and commit what it writes.");
      process.exitCode = 1;
    }
  } catch (error) {
    console.error(oneLine(error));
    process.exitCode = 1;
  }
}
