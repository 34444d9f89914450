import path from "node:path";
import * as esbuild from "esbuild";

/**
 * What an application's bundler makes of a module that imports the client: what a page loads at first, and what it loads
 * when it is asked for (a dynamic import, for which bundlers write a file of its own).
 */
export async function bundle(
  contents: string,
  splitting = true,
): Promise<{ readonly first: string; readonly later: string }> {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents, resolveDir: "client", loader: "ts" },
    outdir: "bundle",
    bundle: true,
    splitting,
    minify: true,
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const first = new Set(["bundle/stdin.js"]);
  for (const name of first)
    for (const { path: file, kind } of outputs.get(name)?.imports ?? [])
      if (kind === "import-statement") first.add(file);
  const textOf = (isWanted: (name: string) => boolean) =>
    outputFiles.flatMap(({ path: file, text }) => (isWanted(path.relative(".", file)) ? [text] : [])).join("\n");
  return { first: textOf((name) => first.has(name)), later: textOf((name) => !first.has(name)) };
}
