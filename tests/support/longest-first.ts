import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, in this order: begun last, they would run alone at the end while the other cores idle. */
export const longest = [
  "tests/threats/blocked-loop.test.ts",
  "tests/compilers/tsql.test.ts",
  "tests/infra/apim/ninety-days.test.ts",
  "tests/process/service.test.ts",
  "tests/infra/bicep/check.test.ts",
  "tests/wire/service.test.ts",
  "tests/tools/templates.test.ts",
  "tests/browser/test-login.test.ts",
  "tests/interop/removed-key.test.ts",
  "tests/threats/random-requests.test.ts",
  "tests/browser/social-login.test.ts",
  "tests/browser/account-page-signed-in.test.ts",
  "tests/browser/link-pages.test.ts",
  "tests/browser/tabs.test.ts",
  "tests/browser/docs.test.ts",
  "tests/tools/doctor/firewall.test.ts",
  "tests/tools/bundle.test.ts",
  "tests/browser/examples.test.ts",
  "tests/browser/account-page.test.ts",
  "tests/tools/package.test.ts",
  "tests/browser/step-up.test.ts",
  "tests/browser/captcha.test.ts",
  "tests/browser/account-page-looks.test.ts",
  "tests/process/start.test.ts",
  "tests/infra/bicep/rules.test.ts",
  "tests/wire/deploying.test.ts",
  "tests/wire/identity.alone.test.ts",
  "tests/wire/enumeration.test.ts",
];

/** Whose files wait: for browsers, sockets, compilers, processes and time limits. */
export const waitingFolders = ["browser", "compilers", "infra", "interop", "meta", "process", "tools", "wire"];
/** Whose files compute. */
export const computingFolders = ["client", "functions", "shared", "threats"];

/**
 * Runs the longest files first, then what waits, then what computes, which fills the time at the end of it, then what
 * needs a process of its own.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's sort
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  const rank = longest.findIndex((file) => moduleId.endsWith(file));
  if (rank !== -1) return rank;
  if (project.name === "alone") return longest.length + 2;
  return longest.length + (waitingFolders.some((folder) => moduleId.includes(`/tests/${folder}/`)) ? 0 : 1);
}
