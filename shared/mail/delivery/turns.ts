/** Runs one piece of work after the other; one that takes longer than the patience lets the next begin beside it. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** @param patienceMilliseconds two seconds unless given */
export function createTurns(patienceMilliseconds = 2000): InTurn {
  let last: Promise<void> = Promise.resolve();
  return async (work) => {
    const before = last;
    const { promise, resolve: letNextBegin } = Promise.withResolvers<void>();
    last = promise;
    await before;
    const impatience = setTimeout(letNextBegin, patienceMilliseconds);
    try {
      return await work();
    } finally {
      clearTimeout(impatience);
      letNextBegin();
    }
  };
}
