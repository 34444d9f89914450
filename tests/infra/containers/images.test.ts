import { globSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createServer } from "node:http";
import path from "node:path";
import { digestOf, hasDigest, imagesIn, pinImages, unpinned } from "../../../tools/images.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { runTool } from "../../process/run-tool.ts";
import { listen } from "../../tools/doctor/stand-in.ts";
import { looseImage } from "./images.ts";

const files = globSync(["Dockerfile", "compose.yaml", "infra/kubernetes/*.yaml", ".github/workflows/*.yml"]);

/** The images that a file names, stages of a Dockerfile aside. */
function imagesOf(text: string): string[] {
  const stages = new Set([...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, stage]) => stage));
  return [...text.matchAll(/^(?:FROM| +image:) (\S+)/gm)]
    .map(([, image = ""]) => image)
    .filter((image) => !stages.has(image));
}

describe("every image is pinned to a version", () => {
  test.each(files)("in %s", (file) => {
    expect(imagesOf(readFileSync(file, "utf8")).map(looseImage).filter(Boolean)).toEqual([]);
  });

  test("and there are images to be looked at", () => {
    const images = files.flatMap((file) => imagesOf(readFileSync(file, "utf8")));
    expect(images.length).toBeGreaterThanOrEqual(8);
    // One SQL Server for all: what CI has tested is what compose runs.
    expect(new Set(images.filter((image) => image.includes("/mssql/"))).size).toBe(1);
  });

  test.each([
    ["node", "has no tag"],
    ["localhost:5000/node", "has no tag"],
    ["node:latest", "moves"],
    ["mcr.microsoft.com/mssql/server:2025-latest", "moves"],
    ["node:24", "is no whole version"],
    ["mcr.microsoft.com/azure-functions/node:4-node22", "is no whole version"],
    ["node:24.21", "is no whole version"],
  ])("%s %s", (image, why) => {
    expect(looseImage(image)).toBe(`${image} ${why}`);
  });
});

describe("15.8 every image is named by its content", () => {
  /** No registry was in reach when it was pinned, and no public material has its digest: `npm run images` writes it. */
  const awaited = "Dockerfile: mcr.microsoft.com/azure-functions/node:4.1054.250-4-node22";

  test("but for the one whose digest is still to be fetched, which CI refuses", () => {
    expect(unpinned(".").filter((image) => image !== awaited)).toEqual([]);
    expect(readFileSync(".github/workflows/ci.yml", "utf8")).toContain("npm run images -- --check");
    const digests = files.flatMap((file) => imagesOf(readFileSync(file, "utf8"))).filter(hasDigest);
    expect(digests.length).toBeGreaterThanOrEqual(6);
  });

  test("and the check that fails says what to do", async () => {
    const root = temporaryFolder();
    writeFileSync(path.join(root, "Dockerfile"), "FROM node:24.21.0\n");
    const outcome = await runTool("tools/images.ts", { cwd: root, args: ["--check"] }).ended;
    expect(outcome).toEqual({
      code: 1,
      stdout: `Dockerfile: node:24.21.0 has no digest\nRun \`npm run images\` where the registries of these images are in reach, and commit what it writes.\n`,
      stderr: "",
    });
  });

  test.each([
    [
      "FROM node:24 AS build\nFROM build AS last\nFROM mcr.microsoft.com/a/b:1.2.3",
      ["node:24", "mcr.microsoft.com/a/b:1.2.3"],
    ],
    ["services:\n  a:\n    image: 'x:1.0.0'\n  b:\n    - image: y:2.0.0", ["x:1.0.0", "y:2.0.0"]],
    ["      image: registry.example.com/latchkey:1.0.0", []],
  ])("of %j are found %j", (text, images) => {
    expect(imagesIn(text)).toEqual(images);
  });

  const digest = `sha256:${"a".repeat(64)}`;

  /** A registry that asks for a token first, as those of Docker and Microsoft do. */
  async function startRegistry(): Promise<string> {
    const server = createServer((request, response) => {
      const { url = "", headers, method } = request;
      if (url.startsWith("/token"))
        return response.end(JSON.stringify({ token: new URL(url, "http://a").searchParams.get("scope") }));
      if (headers.authorization !== "Bearer repository:team/app:pull")
        return response
          .writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${headers.host}/token",service="registry"` })
          .end();
      if (method !== "HEAD" || url !== "/v2/team/app/manifests/1.2.3") return response.writeHead(404).end();
      return response.writeHead(200, { "Docker-Content-Digest": digest }).end();
    });
    return `localhost:${await listen(server)}`;
  }

  test("npm run images writes what the registry says, in every place, and nothing twice", async () => {
    const registry = await startRegistry();
    const root = temporaryFolder();
    const file = path.join(root, "compose.yaml");
    const text = (image: string) => `services:\n  a:\n    image: ${image}\n  b:\n    image: ${image}\n`;
    writeFileSync(file, text(`${registry}/team/app:1.2.3`));
    expect(unpinned(root)).toHaveLength(1);
    const pinned = `${registry}/team/app:1.2.3@${digest}`;
    expect(await pinImages(root)).toEqual([`compose.yaml: ${pinned}`]);
    expect(readFileSync(file, "utf8")).toBe(text(pinned));
    expect([unpinned(root), await pinImages(root)]).toEqual([[], []]);
    await expect(digestOf(`${registry}/team/app:9.9.9`)).rejects.toThrow(/answered 404 without a digest/);
  });
});
