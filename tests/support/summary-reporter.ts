import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with the line `N passed, N failed`, the last that is printed. A file that fails to load counts as a failure. */
export class SummaryReporter implements Reporter {
  readonly #notes: readonly string[];

  /** @param notes lines that are printed before the last: what was not run, and why */
  constructor(notes: readonly string[]) {
    this.#notes = notes;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const skipped = count("skipped");
    process.once("exit", () => {
      for (const note of this.#notes) process.stdout.write(`${note}\n`);
      process.stdout.write(
        `${count("passed")} passed, ${count("failed") + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`,
      );
    });
  }
}
