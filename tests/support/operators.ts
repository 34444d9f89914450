import { expect } from "vitest";
import { loadProcessConfig } from "../../shared/config.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { faultsOf, readRecords } from "./audit-chains.ts";

/** Runs work with the services that a command would have: see `useCommandSettings`. */
export async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const services = createServices(loadProcessConfig());
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

/** The types of the audit log's records that work adds, in chains that fit. */
export async function eventsOf(work: () => Promise<unknown>): Promise<string[]> {
  const records = () => withServices(({ database }) => readRecords(database.queries));
  const before = new Set((await records()).map(({ id }) => id));
  await work();
  const all = await records();
  expect(faultsOf(all)).toEqual([]);
  return all.filter(({ id }) => !before.has(id)).map(({ type }) => type);
}
