import type { Session } from "./session.ts";

/** How long one tab waits for another that refreshes, and for the answer of the others. */
const [longestWaitMs, replyWaitMs] = [10_000, 100];

/** What one tab knows; `at` is when it came to know it, in milliseconds of the device's clock, which all tabs share. */
export interface Knowledge {
  readonly session: Session | undefined;
  readonly at: number;
}

type Message = { readonly kind: "news" | "reply"; readonly known: Knowledge } | { readonly kind: "ask"; at: number };

/** The tabs of one browser that show pages of one origin. */
export interface Tabs {
  /** Tells the other tabs. */
  tell(): void;
  /**
   * Runs a task while no other tab runs one (Web Locks).
   * @param task is told whether another tab has brought news while this one waited
   */
  inTurn<T>(task: (hasNews: boolean) => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * @param name the same in all tabs of an application, and no other
 * @param isShared whether these have one session, and so something to tell one another
 * @param known what this tab knows
 * @param learn takes what another tab knows
 */
export function joinTabs(
  { name, isShared }: { readonly name: string; readonly isShared: boolean },
  known: () => Knowledge,
  learn: (known: Knowledge) => void,
): Tabs {
  const channel = isShared && "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : undefined;
  let newsCount = 0;
  let wake = () => {};
  const post = (message: Message) => channel?.postMessage(message);

  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "ask") {
      if (known().session && known().at > data.at) post({ kind: "reply", known: known() });
    } else if (data.kind === "news" || data.known.at > known().at) {
      newsCount += 1;
      learn(data.known);
      wake();
    }
  });
  // Node, where a channel keeps the process alive.
  (channel as { unref?: () => void } | undefined)?.unref?.();

  /** What the tab that was before us has told may still be under way: whoever knows more than this tab says so again. */
  async function askAround(): Promise<void> {
    post({ kind: "ask", at: known().at });
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, replyWaitMs);
    });
  }

  return {
    tell: () => post({ kind: "news", known: known() }),
    async inTurn(task) {
      const before = newsCount;
      const afterWait = async () => {
        if (channel && newsCount === before) await askAround();
        return task(newsCount > before);
      };
      const locks = globalThis.navigator?.locks;
      if (!locks) return task(false);
      const atOnce = await locks.request(name, { ifAvailable: true }, async (lock) =>
        lock ? { result: await task(false) } : undefined,
      );
      if (atOnce) return atOnce.result;
      let hasBegun = false;
      const begin = () => {
        hasBegun = true;
        return afterWait();
      };
      try {
        return await locks.request(name, { signal: AbortSignal.timeout(longestWaitMs) }, begin);
      } catch (error) {
        // A tab that was put to sleep in its turn must not hold the others up; the service bears two at once.
        if (hasBegun) throw error;
        return afterWait();
      }
    },
    close: () => channel?.close(),
  };
}
