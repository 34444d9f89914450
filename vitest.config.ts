import { availableParallelism } from "node:os";
import path from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { openRecordings } from "./tests/support/recordings.ts";
import { SummaryReporter } from "./tests/support/summary-reporter.ts";

openRecordings();
// As npm does: an editor that runs the tests finds the programs of packages, too.
process.env["PATH"] = [path.join(import.meta.dirname, "node_modules/.bin"), process.env["PATH"]].join(path.delimiter);

/** Folders whose files compute, and leave nothing behind: they share processes, so that each pays once for the modules. */
const shared = "{functions,shared,threats}";
/** The others wait for browsers, sockets, compilers and processes, or alter their own. */
const others = "{browser,client,compilers,infra,interop,local-host,meta,process,tools,wire}";
/** A file of a shared folder that needs modules which nobody has loaded before. */
const alone = "tests/**/*.alone.test.ts";
/** What is about the whole run, and so comes after it. */
const afterwards = "tests/meta/recorded.test.ts";

/** What the two engines must do alike: the stores, and the endpoints above them. */
const onBothEngines = ["functions/**/*", "threats/*", "shared/tokens/*", "shared/platform/engines"];

const cores = availableParallelism();

const projects: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    test: {
      name: "own-process",
      include: [`tests/${others}/**/*.test.ts`, alone],
      exclude: [afterwards],
      maxWorkers: 3 * cores,
      provide: { engine: "embedded" },
      sequence: { groupOrder: 1 },
    },
  },
  {
    extends: true,
    test: {
      name: "shared-process",
      include: [`tests/${shared}/**/*.test.ts`],
      exclude: [alone],
      isolate: false,
      maxWorkers: cores,
      provide: { engine: "embedded" },
      sequence: { groupOrder: 2 },
    },
  },
  {
    extends: true,
    test: { name: "afterwards", include: [afterwards], provide: { engine: "embedded" }, sequence: { groupOrder: 4 } },
  },
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
    setupFiles: ["tests/support/setup.ts"],
    reporters: ["default", new SummaryReporter(notes)],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects,
  },
});
