import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, in this order: begun last, they would run alone at the end while the other cores idle. */
export const longest = [
  "tests/infra/apim/ninety-days.test.ts",
  "tests/compilers/tsql.test.ts",
  "tests/infra/bicep/check.test.ts",
  "tests/process/service.test.ts",
  "tests/wire/service.test.ts",
  "tests/process/start.test.ts",
  "tests/tools/package.test.ts",
  "tests/threats/blocked-loop.test.ts",
  "tests/functions/auth/equal-work.test.ts",
  "tests/threats/random-requests.test.ts",
];

/** Runs the longest files first, and the others as vitest would. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's sort
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longest.findIndex((file) => moduleId.endsWith(file));
  return rank === -1 ? longest.length : rank;
}
