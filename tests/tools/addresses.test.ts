import { describe, expect, test } from "vitest";
import { createAddressAdministration } from "../../shared/addresses/administration.ts";
import { createAddressRuleStore } from "../../shared/addresses/store.ts";
import { loadProcessConfig } from "../../shared/config.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { createServices } from "../../shared/services.ts";
import { addresses } from "../../tools/addresses.ts";
import { useCommandSettings } from "../support/command-settings.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

useCommandSettings();

const run = (...words: string[]) => addresses(words, now);

/** Runs work on the database of the commands. */
async function withDatabase<T>(
  work: (queries: ReturnType<typeof createServices>["database"]["queries"]) => Promise<T>,
) {
  const services = createServices(loadProcessConfig());
  try {
    return await work(services.database.queries);
  } finally {
    await services.close();
  }
}

describe("18.4 npm run addresses", () => {
  test("deny and allow make rules in one spelling, list shows the one that ends first before the others", async () => {
    expect(await run("list")).toEqual(["no rules; the lists of the settings hold alone"]);
    expect(await run("deny", "2001:DB8:0::/32", "--for", "7d")).toEqual([
      "2001:db8::/32 is denied until 2026-01-22T12:00:00Z; instances in use apply it within 30 seconds",
    ]);
    await run("allow", "::ffff:203.0.113.7", "--for", "30m");
    expect(await run("list")).toEqual([
      "allow  203.0.113.7/32  until 2026-01-15T12:30:00Z  made 2026-01-15T12:00:00Z",
      "deny   2001:db8::/32  until 2026-01-22T12:00:00Z  made 2026-01-15T12:00:00Z",
    ]);
  });

  test("a new rule replaces the one on the same network; an expired one is gone", async () => {
    await run("deny", "203.0.113.0/24", "--for", "1h");
    await run("allow", "203.0.113.0/24", "--for", "2h");
    expect(await run("list")).toEqual(["allow  203.0.113.0/24  until 2026-01-15T14:00:00Z  made 2026-01-15T12:00:00Z"]);
    expect(await addresses(["list"], addSeconds(now, 7200))).toHaveLength(1);
    await addresses(["deny", "198.51.100.7", "--for", "1h"], addSeconds(now, 7200));
    const kept = await withDatabase((queries) => createAddressAdministration(queries).list(new Date(0)));
    expect(kept.map(({ network }) => network)).toEqual(["198.51.100.7/32"]);
  });

  test("remove ends a rule, and says so if there is none", async () => {
    await run("deny", "203.0.113.7", "--for", "1h");
    expect((await run("remove", "203.0.113.7"))[0]).toMatch(/^the rule on 203\.0\.113\.7\/32 is removed/);
    await expect(run("remove", "203.0.113.7")).rejects.toThrow("There is no rule on 203.0.113.7/32");
  });

  test("no more than 1000 rules are kept; one of them can be replaced", async () => {
    await withDatabase(async (queries) => {
      const store = createAddressAdministration(queries);
      const times = { created_at: now, expires_at: addSeconds(now, 3600) };
      for (let index = 0; index < 1000; index += 1)
        await store.put({ network: `10.${index >> 8}.${index & 255}.0/24`, verdict: "deny", ...times });
    });
    await expect(run("deny", "203.0.113.7", "--for", "1h")).rejects.toThrow("There are 1000 rules already");
    expect((await run("allow", "10.0.1.0/24", "--for", "1h"))[0]).toContain("10.0.1.0/24 is allowed");
  });

  test.each([
    ["203.0.113.7/24", "1h", "neither an address nor a network without host bits"],
    ["example.com", "1h", "neither an address nor a network without host bits"],
    ["203.0.113.7", "1", "--for takes a number of minutes, hours or days"],
    ["203.0.113.7", "0m", "--for takes a number of minutes, hours or days"],
    ["203.0.113.7", "366d", "--for takes a number of minutes, hours or days"],
    ["203.0.113.7", "1y", "--for takes a number of minutes, hours or days"],
  ])("deny %s --for %s is refused with the rule", async (network, time, rule) => {
    await expect(run("deny", network, "--for", time)).rejects.toThrow(rule);
    expect(await withDatabase((queries) => createAddressRuleStore(queries).unexpired(now))).toEqual([]);
  });

  test.each([
    [[]],
    [["list", "x"]],
    [["deny"]],
    [["deny", "203.0.113.7"]],
    [["allow", "--for", "1h"]],
    [["remove"]],
    [["remove", "203.0.113.7", "--for", "1h"]],
    [["deny", "203.0.113.7", "198.51.100.7", "--for", "1h"]],
    [["list", "--json"]],
  ])("%j is answered with how to use it", async (words) => {
    await expect(run(...words)).rejects.toThrow("usage: npm run addresses -- list | deny NETWORK --for TIME");
  });
});
