import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { AuditAdministration } from "../../../shared/audit/administration.ts";
import { readLines } from "../lines.ts";
import type { KeptAnchor } from "./anchor-check.ts";
import type { Findings } from "./findings.ts";

/** The longest anchor that is read: as many as `readAnchor` takes. */
const mostBytes = 4_000_000;

/**
 * The anchors in a file, one a line, or in a folder, as a container of blobs has them: a file for each, named after its
 * number.
 * @throws Error with a line to print, if it cannot be read
 */
export function* keptAnchors(place: string, findings: Findings): Generator<KeptAnchor> {
  if (isFolder(place)) {
    for (const name of readdirSync(place)
      .filter((found) => found.endsWith(".jws"))
      .toSorted())
      yield { jws: readFileSync(path.join(place, name), "latin1"), place: `the anchor in ${name}` };
    return;
  }
  for (const { number, text, fault } of readLines(place, mostBytes)) {
    if (text === undefined) findings.add("unreadable", {}, `line ${number} of the anchors ${fault}`);
    else yield { jws: text, place: `the anchor in line ${number}` };
  }
}

function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch (error) {
    throw new Error(`${place} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown cause"})`, {
      cause: error,
    });
  }
}

/** The anchors in the database. */
export async function* storedAnchors(store: AuditAdministration): AsyncGenerator<KeptAnchor> {
  for await (const { number, jws, anchored_at: anchoredAt } of store.anchors())
    yield { jws: String(jws), place: `anchor ${number} of the database`, columns: { number, anchoredAt } };
}
