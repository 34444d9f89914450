import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
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
