/** Where an application keeps what must outlive the page or the process: an object with these three methods. */
export interface TokenStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** A storage that forgets with the page. */
export function memoryStorage(): TokenStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

export const refreshTokenKey = "latchkey.refresh_token";

/** Writes an item, or removes it. */
export async function putItem(storage: TokenStorage, key: string, value: string | undefined): Promise<void> {
  await (value === undefined ? storage.removeItem(key) : storage.setItem(key, value));
}

/** The refresh token in its storage. */
export function keepRefreshToken(storage: TokenStorage) {
  /** What the storage did not take, and what stands there instead: a used token, which would be taken for stolen. */
  let unwritten: { readonly token: string | undefined; readonly instead: string | undefined } | undefined;

  const stored = async () => (await storage.getItem(refreshTokenKey)) ?? undefined;

  async function read(): Promise<string | undefined> {
    const token = await stored();
    return unwritten && unwritten.instead === token ? unwritten.token : token;
  }

  /** @param token undefined to forget it */
  async function write(token: string | undefined): Promise<void> {
    const instead = await stored();
    unwritten = undefined;
    await putItem(storage, refreshTokenKey, token).catch(() => {
      unwritten = { token, instead };
    });
  }

  return {
    read,
    write,
    /** Writes, unless another page has written since. @returns whether it did */
    async replace(sent: string, token: string | undefined): Promise<boolean> {
      const isOurs = (await read()) === sent;
      if (isOurs) await write(token);
      return isOurs;
    },
  };
}
