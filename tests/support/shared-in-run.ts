import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, vi } from "vitest";

/** Names the folder of what the files of a run share: for all its workers. */
const variable = "LATCHKEY_SHARED_IN_RUN";

/** Makes the folder. @returns what removes it at the end of the run */
export function openShared(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-shared-"));
  process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

interface Outcome<Result> {
  readonly result?: Result;
  readonly failure?: string;
}

/** What is made once in a run. Whoever uses it changes nothing in it. */
export interface Shared<Result> {
  readonly folder: string;
  readonly result: Result;
}

/**
 * What the first test file that asks for it makes, for all others of the run too: they wait until it is there.
 * @param make fills the folder; what it returns must be JSON
 * @throws Error when it could not be made, in all of them
 */
export async function sharedInRun<Result>(
  name: string,
  make: (folder: string) => Promise<Result>,
): Promise<Shared<Result>> {
  const folder = path.join(process.env[variable] ?? "", `${name}${suffix()}`);
  const told = `${folder}.json`;
  if (isFirst(folder)) tell(told, await outcomeOf(() => make(folder)));
  else await vi.waitFor(() => expect(existsSync(told), `${name} is there`).toBe(true), { timeout: 110_000 });
  const { result, failure } = JSON.parse(readFileSync(told, "utf8")) as Outcome<Result>;
  if (failure !== undefined) throw new Error(failure);
  return { folder, result: result as Result };
}

let asked = 0;

/** Under an editor that runs files again after a change everybody makes their own: what was made before is old. */
function suffix(): string {
  return process.env["VITEST_MODE"] === "WATCH" ? `-${process.pid}-${(asked += 1)}` : "";
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function outcomeOf<Result>(make: () => Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { result: await make() };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** In one step: nobody reads half of it. */
function tell(file: string, outcome: Outcome<unknown>): void {
  writeFileSync(`${file}.draft`, JSON.stringify(outcome));
  renameSync(`${file}.draft`, file);
}
