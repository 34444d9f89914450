import { defineConfig } from "vitest/config";
import { openRecordings } from "./tests/support/recordings.ts";
import { SummaryReporter } from "./tests/support/summary-reporter.ts";

openRecordings();

/** What is about the whole run, and so comes after it. */
const afterwards = ["tests/meta/recorded.test.ts"];

const tests = ["tests/**/*.test.ts"];

export default defineConfig({
  test: {
    setupFiles: ["tests/support/setup.ts"],
    reporters: ["default", new SummaryReporter()],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Explicit places for both: vitest puts what is at 0 last where it has one worker only.
    projects: [
      { extends: true, test: { name: "tests", include: tests, exclude: afterwards, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: "afterwards", include: afterwards, sequence: { groupOrder: 2 } } },
    ],
  },
});
