import { expect } from "vitest";
import { faultsOf, readRecords } from "./audit-chains.ts";
import { withServices } from "./command-settings.ts";

/** The types of the audit log's records that work adds, in chains that fit. */
export async function eventsOf(work: () => Promise<unknown>): Promise<string[]> {
  const records = () => withServices(({ database }) => readRecords(database.queries));
  const before = new Set((await records()).map(({ id }) => id));
  await work();
  const all = await records();
  expect(faultsOf(all)).toEqual([]);
  return all.filter(({ id }) => !before.has(id)).map(({ type }) => type);
}
