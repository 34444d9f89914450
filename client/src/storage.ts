/** Where an application keeps what must outlive the page or the process: an object with these three methods. */
export interface TokenStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** What stands in the storage. */
export const keys = { refreshToken: "latchkey.refresh_token", attempt: "latchkey.attempt" } as const;

/** A storage that forgets with the page. */
export function memoryStorage(): TokenStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}
