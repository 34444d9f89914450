import type { Store } from "./storage.ts";
import { openChannel, untilHeard, type Group } from "./tabs.ts";

export const refreshTokenKey = "latchkey.refresh_token";
const lineKey = "latchkey.session";

/**
 * A refresh token. A duplicated tab has a copy, and each token works once: of two copies of the same line, the one with
 * the higher count is newer.
 */
export interface Kept {
  readonly token: string | undefined;
  /** Tells copies that they are of one session; empty if there is none. */
  readonly line: string;
  readonly count: number;
}

type Message = Kept & { readonly isQuestion?: boolean };

/** The refresh token in its storage, kept in step with the copies of other tabs. */
export function keepRefreshToken(store: Store) {
  let post: ((message: Message) => void) | undefined;
  let hear = () => {};

  async function read(): Promise<Kept> {
    const [line = "", count] = (await store.read(lineKey))?.split(" ") ?? [];
    return { token: await store.read(refreshTokenKey), line, count: Number(count) || 0 };
  }

  /** The token first: a token newer than its count does no harm. */
  async function write({ token, line, count }: Kept): Promise<void> {
    await store.write(refreshTokenKey, token);
    await store.write(lineKey, token && `${line} ${count}`);
  }

  async function change(kept: Kept): Promise<void> {
    await write(kept);
    post?.(kept);
  }

  const newLine = () => String(Math.random());

  return {
    read,
    /** Keeps the token of a new session. */
    begin: (token: string | undefined) => change({ token, line: newLine(), count: 0 }),
    /**
     * Replaces a token that was sent by its successor, or by none, unless another page has written in the meantime.
     * @returns whether it did
     */
    async replace({ token: sent, line, count }: Kept, token: string | undefined): Promise<boolean> {
      const isOurs = (await read()).token === sent;
      if (isOurs) await change({ token, line: line || newLine(), count: count + 1 });
      return isOurs;
    },
    /** Shares with the other copies from now on. @param onEnd called when one of them has ended the session */
    join(group: Group, onEnd: () => void): void {
      post = openChannel<Message>(group, async ({ isQuestion, ...theirs }) => {
        const own = await read();
        if (!own.line || own.line !== theirs.line) return;
        if (theirs.count > own.count) {
          await write(theirs);
          if (!theirs.token) onEnd();
        } else if (isQuestion) post?.(own);
        hear();
      });
    },
    /** Resolves when the newest token among the copies is kept here. */
    async catchUp(): Promise<void> {
      const own = await read();
      if (post && own.line)
        await untilHeard((heard) => {
          hear = heard;
          post?.({ ...own, isQuestion: true });
        });
    },
  };
}
