/**
 * The Mann-Whitney test of whether two samples come from one distribution, by its normal approximation.
 * @returns how many standard deviations the rank sum is from what chance gives; positive if `one` is larger
 */
export function rankTest(one: readonly number[], other: readonly number[]): number {
  const all = [...one.map((value) => ({ value, isOne: true })), ...other.map((value) => ({ value, isOne: false }))];
  const sorted = all.toSorted((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]?.value === sorted[start]?.value) end += 1;
    const ofOne = sorted.slice(start, end).filter(({ isOne }) => isOne).length;
    rankSum += (ofOne * (start + 1 + end)) / 2;
    start = end;
  }
  const [n, m] = [one.length, other.length];
  const u = rankSum - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}
