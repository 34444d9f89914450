import { globSync, readFileSync } from "node:fs";
import { matchesGlob } from "node:path";
import { expect, test } from "vitest";
import config from "../../vitest.config.ts";
import { longest } from "../support/longest-first.ts";

/** The projects of vitest.config.ts on the embedded engine, and whether a file belongs to each. */
const projects = (config.test?.projects ?? []).flatMap((project) => {
  if (typeof project !== "object" || !("test" in project) || project.test?.provide?.engine !== "embedded") return [];
  const { name, include = [], exclude = [] } = project.test;
  const has = (file: string) =>
    include.some((glob) => matchesGlob(file, glob)) && !exclude.some((glob) => matchesGlob(file, glob));
  return typeof name === "string" ? [{ name, has }] : [];
});

const files = globSync("tests/**/*.test.ts");
const homesOf = (file: string) => projects.filter(({ has }) => has(file)).map(({ name }) => name);

test("every test file belongs to one project", () => {
  expect(projects.length).toBeGreaterThan(1);
  expect(files.filter((file) => homesOf(file).length !== 1)).toEqual([]);
  expect(homesOf("tests/unknown/x.test.ts"), "this test can fail").toEqual([]);
});

test("every project has test files", () => {
  for (const { name, has } of projects) expect(files.some(has), name).toBe(true);
});

test("the files that run first exist", () => {
  expect(longest.filter((file) => !files.includes(file))).toEqual([]);
});

test("a file that declares endpoints runs in a process of its own, since the catalogue keeps them", () => {
  const declares = /\b(?:endpointBehind|declareEndpoints|addToCatalogue)\(|(?<!")\bendpoint\(\{/;
  const declaring = files.filter((file) => declares.test(readFileSync(file, "utf8")));
  expect(declaring.length).toBeGreaterThan(0);
  expect(declaring.filter((file) => homesOf(file)[0] !== "alone")).toEqual([]);
});
