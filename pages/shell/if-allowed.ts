/** Runs something optional. @returns undefined if the browser lacks or blocks it */
export function ifAllowed<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}
