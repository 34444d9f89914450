import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs npm: the one that runs this script, if any, because starting `npm.cmd` would need a shell.
 * @returns its output @throws Error if it fails
 */
export async function npm(words: readonly string[], cwd: string): Promise<string> {
  const script = process.env["npm_execpath"];
  const [file, args] = script ? [process.execPath, [script, ...words]] : ["npm", words];
  const { stdout } = await run(file, args, { cwd, maxBuffer: 2 ** 26 });
  return stdout;
}
