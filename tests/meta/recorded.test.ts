// Runs after all other tests, on what they have made the service send.
import { globSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { migratedInMemory } from "../../shared/platform/database/declared-schema.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import { readRecordings, unreachedSites } from "../support/recordings.ts";

const recording = readRecordings();
const missed = globSync("tests/**/*.test.ts").filter(
  (file) => !recording.files.includes(file) && !import.meta.filename.endsWith(file),
);
if (missed.length > 0)
  console.log(`What the service asks its database was not judged: ${missed.length} test files were not run.`);

describe.skipIf(missed.length > 0)("all that the service asks its database", () => {
  test("is asked by some test, so that check:tsql compiles it for SQL Server", () => {
    expect(recording.statements.length).toBeGreaterThan(15);
    expect(unreachedSites(recording)).toEqual([]);
    const sites = recording.sites.filter((site) => site !== recording.sites.find((one) => one.startsWith("shared/")));
    expect(unreachedSites({ ...recording, sites }), "this test can fail").toHaveLength(1);
  });

  // Tables that never have more than a few rows, and those that are made in the query, of constants or up to a limit.
  const isSmall = (step: string) =>
    /^SCAN (?:signing_keys|clients|schema_migrations|CONSTANT ROW|\d+-ROW VALUES CLAUSE|draws|ranges|candidates|counted|newest)\b/.test(
      step,
    );
  // The mailbox of development shows and empties the whole outbox.
  const isOfDevelopment = (place: string) => place.startsWith("shared/mail/mailbox-store.ts");
  // Operators read all of the audit log, page by page, in the order of an index.
  const isOfOperators = ({ place, step }: { place: string; step: string }) =>
    place.startsWith("shared/audit/administration.ts") && /^SCAN audit_\w+ USING INDEX /.test(step);
  // SQLite finds the rows of an `or` by an index for each side. SQL Server may read the whole table instead, and then
  // locks it where the statement writes.
  const isSlow = (step: string) => /^(?:SCAN|USE TEMP B-TREE|MULTI-INDEX OR)/.test(step) && !isSmall(step);
  // What is sorted is never more than this: 96 candidates for an index, or the rows of one account.
  const sortsFew = (sql: string) =>
    ['"candidates"', '"sessions" as "live"', 'where "user_id" = ?', 'where "subject_id" = ?'].some((text) =>
      sql.includes(text),
    );
  const database = migratedInMemory(readMigrations("sql"));
  const planOf = (sql: string) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
  afterAll(() => database.close());

  test("finds its rows by an index, and sorts nothing", () => {
    const plans = recording.statements.flatMap(({ place, sqlite }) =>
      sqlite === undefined || isOfDevelopment(place)
        ? []
        : planOf(sqlite)
            .filter((step) => !(sortsFew(sqlite) && step === "USE TEMP B-TREE FOR ORDER BY"))
            .map((step) => ({ place, step })),
    );
    expect(plans.length).toBeGreaterThan(10);
    expect(plans.filter((plan) => isSlow(plan.step) && !isOfOperators(plan))).toEqual([]);
    for (const condition of ["username = ?", "id = ? or email_normalised = ?"])
      expect(planOf(`select id from users where ${condition}`).some(isSlow), "this test can fail").toBe(true);
  });
});
