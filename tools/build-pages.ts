import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";

export interface BuiltPages {
  readonly outputFiles: readonly Pick<esbuild.OutputFile, "path" | "contents">[];
  /** The pages' source files, by their paths from the root. */
  readonly inputs: readonly string[];
}

/** What a page refers to, and what replaces it; whoever serves the page fills in `{{nonce}}`. */
const inlined = [
  { tag: '<link rel="stylesheet" href="style.css" />', element: "style", extension: ".css" },
  { tag: '<script type="module" src="main.ts"></script>', element: "script", extension: ".js" },
] as const;

/**
 * Builds each page of the service into one file: `pages/NAME/page.html`, with `main.ts` and `style.css` inlined.
 * @throws esbuild.BuildFailure
 */
export async function buildPages(root: string): Promise<BuiltPages> {
  const names = globSync("pages/*/page.html", { cwd: root }).map((file) => path.basename(path.dirname(file)));
  const pages = await Promise.all(names.map((name) => buildPage(root, name)));
  return {
    outputFiles: pages.map(({ outputFile }) => outputFile),
    inputs: pages.flatMap(({ inputs }) => inputs),
  };
}

async function buildPage(root: string, name: string) {
  const folder = `pages/${name}`;
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [`${folder}/main.ts`, `${folder}/style.css`],
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  let html = readFileSync(path.join(root, folder, "page.html"), "utf8");
  for (const { tag, element, extension } of inlined) {
    const text = outputFiles.find((file) => file.path.endsWith(extension))?.text.trim();
    if (!html.includes(tag) || text === undefined) throw new Error(`${folder}/page.html must have the tag ${tag}`);
    const type = element === "script" ? ' type="module"' : "";
    // A function, because the text may contain replacement patterns such as `$1`.
    html = html.replace(tag, () => `<${element}${type} nonce="{{nonce}}">\n${text}\n</${element}>`);
  }
  return {
    outputFile: { path: path.join(root, "dist/pages", `${name}.html`), contents: Buffer.from(html) },
    inputs: [`${folder}/page.html`, ...Object.keys(metafile.inputs)],
  };
}
