import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createAccountAdministration } from "../../shared/accounts/administration.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { accounts } from "../../tools/accounts.ts";
import { useCommandSettings, withServices } from "../support/command-settings.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const daysAgo = (days: number) => addSeconds(now, -days * 24 * 60 * 60);

useCommandSettings({ SESSION_ABSOLUTE_DAYS: "30" });

async function run(...words: string[]): Promise<string[]> {
  const lines: string[] = [];
  await accounts(words, { print: (line) => lines.push(line), now });
  return lines;
}

describe("18.7 npm run accounts -- unused", () => {
  test("names accounts that cannot have been used since, also by somebody who stayed signed in", async () => {
    expect(await run("unused", "--days", "180")).toEqual(["0 active accounts have not been used for 180 days"]);
    const [unused = "", never = ""] = await make(
      { madeDaysAgo: 900, signedInDaysAgo: 211 },
      { madeDaysAgo: 400 },
      { madeDaysAgo: 900, signedInDaysAgo: 209 },
      { madeDaysAgo: 200 },
      { madeDaysAgo: 900, signedInDaysAgo: 500, isActive: false },
    );
    const lines = [
      `${unused}  made 2023-07-30T12:00:00Z  signed in 2025-06-18T12:00:00Z`,
      `${never}  made 2024-12-11T12:00:00Z  never signed in`,
    ];
    expect(await run("unused", "--days", "180")).toEqual([
      "2 active accounts have not been used for 180 days",
      ...lines.toSorted(),
    ]);
  });

  test("--json prints an object a line, and nothing but ids and dates", async () => {
    const [id] = await make({ madeDaysAgo: 900, signedInDaysAgo: 500 });
    expect((await run("unused", "--days", "180", "--json")).map((line) => JSON.parse(line))).toEqual([
      { unused: 1, days: 180 },
      { id, created_at: "2023-07-30T12:00:00.000Z", last_login_at: "2024-09-02T12:00:00.000Z" },
    ]);
  });

  test("reads page by page, and finds each account once", async () => {
    const ids = await make(...Array.from({ length: 25 }, () => ({ madeDaysAgo: 400 })));
    const pages = await withServices(async ({ database: { queries } }) => {
      const read: string[][] = [];
      for await (const page of createAccountAdministration(queries).unusedSince(now, 10))
        read.push(page.map(({ id }) => id));
      return read;
    });
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(ids.toSorted());
  });

  test.each(["0", "x", "3651", "1.5"])("refuses --days %s", async (days) => {
    await expect(run("unused", "--days", days)).rejects.toThrow("--days takes a whole number from 1 to 3650");
  });

  test.each([[[]], [["unused"]], [["list", "--days", "1"]], [["unused", "x", "--days", "1"]], [["unused", "--x"]]])(
    "%j is answered with how to use it",
    async (words) => {
      await expect(run(...words)).rejects.toThrow("usage: npm run accounts -- unused --days N [--json]");
    },
  );
});

interface Made {
  readonly madeDaysAgo: number;
  readonly signedInDaysAgo?: number;
  readonly isActive?: boolean;
}

/** Makes accounts. @returns their ids */
async function make(...made: readonly Made[]): Promise<string[]> {
  const rows = made.map(({ madeDaysAgo, signedInDaysAgo, isActive = true }) => ({
    id: randomUUID(),
    username: "Ada",
    is_active: isActive,
    created_at: daysAgo(madeDaysAgo),
    updated_at: daysAgo(madeDaysAgo),
    last_login_at: signedInDaysAgo === undefined ? null : daysAgo(signedInDaysAgo),
  }));
  await withServices(({ database: { queries } }) =>
    queries.withTables<{ users: (typeof rows)[number] }>().insertInto("users").values(rows).execute(),
  );
  return rows.map(({ id }) => id);
}
