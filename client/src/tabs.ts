import type { Session } from "./session.ts";
import { timeLimitMs } from "./service.ts";

/**
 * How long one tab waits for another: longer than any turn takes, unless that tab was put to sleep in the middle of it. And
 * how long for the word of the others.
 */
const [longestWaitMs, replyWaitMs] = [timeLimitMs + 10_000, 100];

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
  /** Runs a task while no other is run, here or in another tab (Web Locks); what those tabs had to tell is then known. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
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
  let channel = isShared && globalThis.BroadcastChannel ? new BroadcastChannel(name) : undefined;
  let last: Promise<unknown> = Promise.resolve();
  let hear = () => {};
  const post = (message: Message) => channel?.postMessage(message);

  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "ask") {
      if (known().session && known().at > data.at) post({ kind: "reply", known: known() });
    } else if (data.kind === "news" || data.known.at > known().at) {
      learn(data.known);
      hear();
    }
  });
  // In Node a channel keeps the process alive.
  (channel as { unref?: () => void } | undefined)?.unref?.();

  /** What the tab that was before us has told may still be under way: whoever knows more than this tab says so again. */
  async function askAround(): Promise<void> {
    post({ kind: "ask", at: known().at });
    await new Promise<void>((resolve) => {
      hear = resolve;
      setTimeout(resolve, replyWaitMs);
    });
  }

  async function acrossTabs<T>(task: () => Promise<T>): Promise<T> {
    const locks = globalThis.navigator?.locks;
    if (!locks) return task();
    const { at } = known();
    const atOnce = await locks.request(name, { ifAvailable: true }, async (lock) =>
      lock ? { result: await task() } : undefined,
    );
    if (atOnce) return atOnce.result;
    let hasBegun = false;
    const begin = async () => {
      hasBegun = true;
      if (channel && known().at === at) await askAround();
      return task();
    };
    try {
      return await locks.request(name, { signal: AbortSignal.timeout(longestWaitMs) }, begin);
    } catch (error) {
      if (hasBegun) throw error;
      return begin();
    }
  }

  return {
    tell: () => post({ kind: "news", known: known() }),
    inTurn(task) {
      const turn = last.then(() => acrossTabs(task));
      last = turn.catch(() => undefined);
      return turn;
    },
    close() {
      channel?.close();
      channel = undefined;
    },
  };
}
