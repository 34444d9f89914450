// A flow exports the codes that it throws, as `…Codes` beside it; whoever calls it can answer them.
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { loadFunctions } from "../support/service.ts";

const flows = globSync("shared/flows/**/*.ts").toSorted();
const endpoints = globSync("functions/**/*.ts").filter((file) => readFileSync(file, "utf8").includes("endpoint({"));

/** What errors of other folders are answered as. */
const thrownElsewhere = {
  "invalidField(": "VALIDATION_ERROR",
  "new ProviderUnavailable(": "PROVIDER_UNAVAILABLE",
  "new ProviderTokenInvalid(": "PROVIDER_TOKEN_INVALID",
  "reauthenticationRequired(": "REAUTHENTICATION_REQUIRED",
  "requireMet(": "REAUTHENTICATION_REQUIRED",
} as const;

beforeAll(loadFunctions);

test("there are flows that export their codes, and endpoints that call them", async () => {
  const called = await Promise.all(endpoints.map(calledFlows));
  const names = new Set(called.flat().map(([name]) => name));
  expect([...names]).toEqual(expect.arrayContaining(["finishAuthorization", "removeIdentity", "signInWithPassword"]));
});

test.each(endpoints)("%s declares what its flows throw", async (file) => {
  const name = /^ {2}name: "([\w-]+)"/m.exec(readFileSync(file, "utf8"))?.[1];
  const entry = catalogue().find((one) => one.name === name);
  if (!entry) throw new Error(`no endpoint of ${file} is in the catalogue`);
  for (const [flow, codes] of await calledFlows(file))
    expect(entry.errors, flow).toEqual(expect.arrayContaining([...codes]));
});

describe.each(flows)("%s", (file) => {
  const text = readFileSync(file, "utf8");

  test("exports what the flows that it calls throw", async () => {
    const own = [...(await listsOf(file)).values()].flat();
    for (const [flow, codes] of await calledFlows(file)) expect(own, flow).toEqual(expect.arrayContaining([...codes]));
  });

  test("throws nothing that it does not export", async () => {
    // `refusing` holds its codes by their type: tests/shared/audit/refusal.test.ts.
    expect(text).not.toMatch(/new (?:ApiError|Refusal)\(/);
    const own = [...(await listsOf(file)).values()].flat();
    for (const [thrower, code] of Object.entries(thrownElsewhere))
      if (text.includes(thrower)) expect(own, thrower).toContain(code);
    for (const [, list = ""] of text.matchAll(/refusing\(\[?([^)\]]+)/g))
      for (const name of list.split(",").map((one) => one.trim().replace("...", "")))
        expect(text, name).toContain(`export const ${name} = `);
  });
});

/** The lists of codes that a file of flows exports, by their names. */
async function listsOf(file: string): Promise<Map<string, readonly string[]>> {
  const exported = (await import(path.resolve(file))) as Record<string, unknown>;
  const lists = Object.entries(exported).filter(([name]) => name.endsWith("Codes"));
  return new Map(lists.map(([name, codes]) => [name, codes as readonly string[]]));
}

/** The flows that a file imports and that export codes: `[flow, its codes]`. */
async function calledFlows(file: string): Promise<[string, readonly string[]][]> {
  const text = readFileSync(file, "utf8");
  const called: [string, readonly string[]][] = [];
  for (const [, names = "", specifier = ""] of text.matchAll(/^import \{([^}]*)\} from "(\.[^"]+)";/gm)) {
    const target = path.join(path.dirname(file), specifier);
    if (!target.startsWith("shared/flows/")) continue;
    const lists = await listsOf(target);
    for (const name of names.split(",").map((one) => one.trim())) {
      const codes = lists.get(`${name}Codes`);
      if (codes) called.push([name, codes]);
    }
  }
  return called;
}
