/** Where an application keeps what must outlive the page or the process. */
export interface TokenStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** A storage that may be missing or fail: what it does not accept is kept in memory. */
export interface Store {
  read(key: string): Promise<string | undefined>;
  /** Writes an item, or removes it. @returns whether the storage accepted it */
  write(key: string, value: string | undefined): Promise<boolean>;
}

/** @param given the storage, or a function that opens it: a browser that blocks it throws at the mere mention */
export function createStore(given: TokenStorage | (() => TokenStorage) | undefined): Store {
  /**
   * What the storage did not accept, and what it holds instead: a used token, which the service would treat as stolen.
   */
  const untaken = new Map<string, { readonly value: string | undefined; readonly instead: string | undefined }>();
  const open = () => (typeof given === "function" ? given() : given);

  async function stored(key: string): Promise<string | undefined> {
    try {
      const item: unknown = await open()?.getItem(key);
      return typeof item === "string" ? item : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    async read(key) {
      const item = await stored(key);
      const left = untaken.get(key);
      return left && left.instead === item ? left.value : item;
    },
    async write(key, value) {
      const instead = await stored(key);
      try {
        await (value === undefined ? open()?.removeItem(key) : open()?.setItem(key, value));
      } catch {
        // Whether it worked is read back below.
      }
      const isTaken = (await stored(key)) === value;
      if (isTaken) untaken.delete(key);
      else untaken.set(key, { value, instead });
      return isTaken;
    },
  };
}
