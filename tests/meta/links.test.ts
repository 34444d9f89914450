import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";

const ignored = new Set(["node_modules", "dist", ".data", ".git"]);
const pages = globSync("**/*.md", { exclude: (name) => ignored.has(path.basename(name)) }).toSorted();

const tests = new Set(globSync("tests/**/*.test.ts").map((file) => path.basename(file)));

describe("links between the pages", () => {
  test("the pages are found", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "client/README.md", "docs/decisions/0001-layers.md"]));
  });

  test("a dead file, a dead heading and a dead picture are noticed, and live links and code are left alone", () => {
    const page = path.join(temporaryFolder(), "page.md");
    const links = [
      "[a](page.md#blue-green)",
      "[b](gone.md)",
      "[c](#gone)",
      '<img src="gone.png">',
      "[d](https://a.example)",
    ];
    writeFileSync(page, ["# Page", "## `blue` *green*!", ...links, "```js\na[0](gone)\n```"].join("\n"));
    expect(deadLinks(page)).toEqual(["gone.md", "#gone", "gone.png"]);
  });

  test("a file and a test that are gone are noticed", () => {
    const page = path.join(temporaryFolder(), "page.md");
    writeFileSync(
      page,
      "`shared/gone.ts`, `gone.test.ts`, `shared/config.ts`, `sql/NNNN_name.sql`, `links.test.ts`, `tests/*/links.test.ts`",
    );
    expect(goneFiles(page)).toEqual(["shared/gone.ts", "gone.test.ts"]);
  });

  test.each(pages)("%s leads to files and headings that exist", (page) => {
    expect(deadLinks(page)).toEqual([]);
    expect(goneFiles(page)).toEqual([]);
  });
});

/** The text of a page without its blocks of code, whose brackets are no links. */
function prose(page: string): string {
  return readFileSync(page, "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
}

/** The anchors that GitHub makes of a page's headings: small letters, no punctuation, hyphens for spaces, numbers for repeats. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose(page).matchAll(/^#+ (.+)$/gm)) {
    const plain = heading.replaceAll(/\]\([^)]*\)/g, "").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let repeat = 1; anchors.has(unique); repeat += 1) unique = `${anchor}-${repeat}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The links of a page to files and headings of this repository that lead nowhere. */
function deadLinks(page: string): string[] {
  const links = [
    ...prose(page).matchAll(/\]\((?!https?:|mailto:)<?([^)>\s]+)>?[^)]*\)|(?:src|href)="(?!https?:)([^"]+)"/g),
  ];
  return links.flatMap(([, written, attribute]) => {
    const link = written ?? attribute ?? "";
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : path.join(path.dirname(page), decodeURIComponent(file));
    if (!existsSync(target)) return [link];
    if (anchor === undefined || statSync(target).isDirectory()) return [];
    return anchorsOf(target).has(anchor) ? [] : [link];
  });
}

/** The files and folders that a page names and that are not there. Names with `NNNN` are patterns. */
function goneFiles(page: string): string[] {
  const names = [
    ...prose(page).matchAll(/`((?:functions|shared|client|pages|examples|sql|infra|tools|tests)\/[^`\s]*)`/g),
  ];
  const gone = names.flatMap(([, name = ""]) => (name.includes("NNNN") || globSync(name).length > 0 ? [] : [name]));
  const bare = [...prose(page).matchAll(/`([\w-]+\.test\.ts)`/g)];
  return [...gone, ...bare.flatMap(([, name = ""]) => (tests.has(name) ? [] : [name]))];
}
