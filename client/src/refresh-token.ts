import type { Store } from "./storage.ts";
import { openChannel, untilHeard, type Group } from "./tabs.ts";

export const refreshTokenKey = "latchkey.refresh_token";
const lineKey = "latchkey.session";

/**
 * A refresh token. A duplicated tab has a copy of it, and each token is good once: whoever keeps one of the same line that
 * counts higher has a newer one.
 */
export interface Kept {
  readonly token: string | undefined;
  /** By which copies know that they are of one session; empty for none. */
  readonly line: string;
  readonly count: number;
}

type Message = Kept & { readonly isQuestion?: boolean };

/** The refresh token in its storage, and in the copies that other tabs have of that. */
export function keepRefreshToken(store: Store) {
  let post: ((message: Message) => void) | undefined;
  let hear = () => {};

  async function read(): Promise<Kept> {
    const [line = "", count] = (await store.read(lineKey))?.split(" ") ?? [];
    return { token: await store.read(refreshTokenKey), line, count: Number(count) || 0 };
  }

  /** The token first: one that is newer than it counts does no harm. */
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
     * Keeps the successor of a token that was sent, or none, unless another page has written since.
     * @returns whether it did
     */
    async replace({ token: sent, line, count }: Kept, token: string | undefined): Promise<boolean> {
      const isOurs = (await read()).token === sent;
      if (isOurs) await change({ token, line: line || newLine(), count: count + 1 });
      return isOurs;
    },
    /** Shares with the copies from now on. @param onEnd is told when one of them has ended the session */
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
    /** Until the newest token is kept of those that the copies have. */
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
