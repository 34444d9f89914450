/** Files whose scenery still stands before their first test, to be moved to tests/support. None is added. */
export const late = new Set([
  "tests/local-host/settings.test.ts",
  "tests/process/build.test.ts",
  "tests/process/packaged.test.ts",
  "tests/process/service.test.ts",
  "tests/process/start.test.ts",
  "tests/process/watch.test.ts",
  "tests/wire/faults.test.ts",
]);
