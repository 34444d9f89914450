import { availableParallelism } from "node:os";
import path from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { computingFolders, LongestFirst, waitingFolders } from "./tests/support/longest-first.ts";
import { openRecordings } from "./tests/support/recordings.ts";
import { SummaryReporter } from "./tests/support/summary-reporter.ts";

openRecordings();
// As npm does: an editor that runs the tests finds the programs of packages, too.
process.env["PATH"] = [path.join(import.meta.dirname, "node_modules/.bin"), process.env["PATH"]].join(path.delimiter);

/** Files that need modules which nobody has loaded before, or leave something behind in them: each has its own process. */
const alone = ["tests/local-host/**/*.test.ts", "tests/**/*.alone.test.ts"];
/** What is about the whole run, and so comes after it. */
const afterwards = "tests/meta/recorded.test.ts";

/** What the two engines must do alike: the stores, and the endpoints above them. */
const onBothEngines = ["functions/**/*", "threats/*", "shared/tokens/*", "shared/platform/engines"];

const cores = availableParallelism();

// A process runs file after file, and pays once for the modules: setup.ts puts back what a file has altered.
// More workers than cores, and files of all kinds beside each other: what computes fills the time of what waits.
const shared = { isolate: false, maxWorkers: 3 * cores, provide: { engine: "embedded" } } as const;

const projects: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    test: {
      ...shared,
      name: "together",
      include: [`tests/{${[...waitingFolders, ...computingFolders].join(",")}}/**/*.test.ts`],
      exclude: [...alone, afterwards],
      sequence: { groupOrder: 1 },
    },
  },
  {
    extends: true,
    test: {
      ...shared,
      name: "alone",
      include: alone,
      isolate: true,
      sequence: { groupOrder: 1 },
    },
  },
  { extends: true, test: { ...shared, name: "afterwards", include: [afterwards], sequence: { groupOrder: 4 } } },
];
const notes: string[] = [];

if (process.env["TEST_DB_SERVER"])
  projects.push({
    extends: true,
    test: {
      name: "sql-server",
      include: onBothEngines.map((place) => `tests/${place}.test.ts`),
      maxWorkers: 2 * cores,
      provide: { engine: "sql-server" },
      sequence: { groupOrder: 3 },
    },
  });
else notes.push("The tests of stores and endpoints were not run on SQL Server: TEST_DB_SERVER is not set.");

export default defineConfig({
  test: {
    globalSetup: ["tests/support/global-setup.ts"],
    setupFiles: ["tests/support/short-way.ts", "tests/support/setup.ts"],
    reporters: ["default", new SummaryReporter(notes)],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A condition comes as late as a busy machine lets it.
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    // Node runs the sources as they are, as it does for the tools: nothing is transformed, or mapped back for a stack.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects,
  },
});
