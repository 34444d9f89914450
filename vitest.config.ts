import { availableParallelism } from "node:os";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { openRecordings } from "./tests/support/recordings.ts";
import { SummaryReporter } from "./tests/support/summary-reporter.ts";

openRecordings();

/** What is about the whole run, and so comes after it. */
const afterwards = ["tests/meta/recorded.test.ts"];

/** What the two engines must do alike: the stores, and the endpoints above them. */
const onBothEngines = ["functions/**/*", "threats/*", "shared/tokens/*", "shared/platform/engines"];

const projects: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    test: {
      name: "tests",
      include: ["tests/**/*.test.ts"],
      exclude: afterwards,
      provide: { engine: "embedded" },
      // Explicit places: vitest puts what is at 0 last where it has one worker only.
      sequence: { groupOrder: 1 },
    },
  },
  {
    extends: true,
    test: { name: "afterwards", include: afterwards, provide: { engine: "embedded" }, sequence: { groupOrder: 2 } },
  },
];
const notes: string[] = [];

if (process.env["TEST_DB_SERVER"])
  projects.push({
    extends: true,
    test: {
      name: "sql-server",
      include: onBothEngines.map((place) => `tests/${place}.test.ts`),
      provide: { engine: "sql-server" },
      sequence: { groupOrder: 1 },
    },
  });
else notes.push("The tests of stores and endpoints were not run on SQL Server: TEST_DB_SERVER is not set.");

export default defineConfig({
  test: {
    setupFiles: ["tests/support/setup.ts"],
    reporters: ["default", new SummaryReporter(notes)],
    // More than there are cores: many tests wait for a browser, a time limit or a database that is away.
    maxWorkers: availableParallelism() + 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects,
  },
});
