/** How many checks of this run have passed and failed. */
export const outcomes = { passed: 0, failed: 0 };

/** Counts a check, and says how it went. */
export function check(what: string, isGood: boolean): void {
  outcomes[isGood ? "passed" : "failed"] += 1;
  console.log(`${isGood ? "ok    " : "FAILED"} ${what}`);
}
