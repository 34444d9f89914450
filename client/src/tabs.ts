import { fail, ifAllowed } from "./errors.ts";
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
  /**
   * Runs a task while no other is run, here or in another tab (Web Locks); what those tabs had to tell is then known. Without
   * locks it is only this tab. @throws LatchkeyError
   */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * @param isShared whether these tabs have one session, and so something to tell one another
 * @param known what this tab knows
 * @param learn takes what another tab knows
 */
export function joinTabs(
  { isShared, ...group }: Group & { readonly isShared: boolean },
  known: () => Knowledge,
  learn: (known: Knowledge) => void,
): Tabs {
  let last: Promise<unknown> = Promise.resolve();
  let hear = () => {};
  const receive = (message: Message) => {
    if (message.kind === "ask") {
      if (known().session && known().at > message.at) post?.({ kind: "reply", known: known() });
    } else if (message.kind === "news" || message.known.at > known().at) {
      learn(message.known);
      hear();
    }
  };
  const post = isShared ? openChannel(group, receive) : undefined;

  /** What the tab before us announced may still be under way: a tab that knows more than this one says so again. */
  const askAround = () =>
    untilHeard((heard) => {
      hear = heard;
      post?.({ kind: "ask", at: known().at });
    });

  async function acrossTabs<T>(task: () => Promise<T>): Promise<T> {
    const { at } = known();
    let turn: Promise<T> | undefined;
    const begin = (how: () => Promise<T>) => (turn ??= how());
    const afterOthers = async () => {
      if (post && known().at === at) await askAround();
      return task();
    };
    let next = task;
    try {
      const { locks } = navigator;
      await locks.request(group.name, { ifAvailable: true }, (lock) => lock && begin(task));
      next = afterOthers;
      if (!turn) await locks.request(group.name, { signal: AbortSignal.timeout(longestWaitMs) }, () => begin(next));
    } catch {
      // Locks are missing or blocked, or another tab has held this one for too long. Or the task has failed, which is told below.
    }
    return begin(next);
  }

  return {
    tell: () => post?.({ kind: "news", known: known() }),
    inTurn(task) {
      const turn = last.then(() => acrossTabs(task)).catch(fail);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Pages of one origin that speak of the same. */
export interface Group {
  /** The same in all of them, and in no others. */
  readonly name: string;
  /** Aborts when this page leaves. */
  readonly signal: AbortSignal;
}

/** Opens a channel to the other pages. @returns says something to them; undefined where the browser lacks channels or blocks them */
export function openChannel<M>({ name, signal }: Group, listener: (message: M) => void) {
  return ifAllowed(() => {
    const channel = new BroadcastChannel(name);
    channel.addEventListener("message", ({ data }: MessageEvent<M>) => listener(data));
    signal.addEventListener("abort", () => channel.close());
    // In Node a channel keeps the process alive.
    (channel as { unref?: () => void }).unref?.();
    // Once closed it throws.
    return (message: M) => ifAllowed(() => channel.postMessage(message));
  });
}

/** Until the other pages have been heard, or a little later. @param ask asks them, and is given whom to tell of the answer */
export function untilHeard(ask: (heard: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    ask(resolve);
    // In halves: a page that stood still hears between them what has arrived meanwhile.
    setTimeout(() => setTimeout(resolve, replyWaitMs / 2), replyWaitMs / 2);
  });
}
