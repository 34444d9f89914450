import { fail, ifAllowed } from "./errors.ts";
import type { Session } from "./session.ts";
import { timeLimitMs } from "./service.ts";

/**
 * How long one tab waits for another (longer than any turn takes, unless that tab was put to sleep in the middle of
 * it), and how long for replies from the others.
 */
const [longestWaitMs, replyWaitMs] = [timeLimitMs + 10_000, 100];

/** What one tab knows; `at` is when it learned it, in milliseconds of the device's clock, which all tabs share. */
export interface Knowledge {
  readonly session: Session | undefined;
  readonly at: number;
}

type Message = { readonly kind: "news" | "reply"; readonly known: Knowledge } | { readonly kind: "ask"; at: number };

/** The tabs of one browser with pages of one origin. */
export interface Tabs {
  /** Tells the other tabs what this one knows. */
  tell(): void;
  /**
   * Runs a task while no other runs, here or in another tab (Web Locks), after hearing what those tabs announced.
   * Without locks, only tasks of this tab take turns. @throws LatchkeyError
   */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * @param isShared whether these tabs share one session, and so have something to tell one another
 * @param known returns what this tab knows
 * @param learn is called with what another tab knows
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

  /** The previous tab's announcement may still be on its way: any tab that knows more than this one repeats it. */
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
      // Locks are missing or blocked, or another tab has held this one for too long. Or the task failed, which shows
      // below.
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

/** Pages of one origin that exchange messages. */
export interface Group {
  /** The same in all of these pages, and in no others. */
  readonly name: string;
  /** Aborts when this page leaves. */
  readonly signal: AbortSignal;
}

/**
 * Opens a channel to the other pages. @returns a function that sends a message; undefined if the browser lacks or
 * blocks channels
 */
export function openChannel<M>({ name, signal }: Group, listener: (message: M) => void) {
  return ifAllowed(() => {
    const channel = new BroadcastChannel(name);
    channel.addEventListener("message", ({ data }: MessageEvent<M>) => listener(data));
    signal.addEventListener("abort", () => channel.close());
    // In Node a channel keeps the process alive.
    (channel as { unref?: () => void }).unref?.();
    // A closed channel throws.
    return (message: M) => ifAllowed(() => channel.postMessage(message));
  });
}

/** Resolves when another page has replied, or shortly after. @param ask sends the question; call `heard` on a reply */
export function untilHeard(ask: (heard: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    ask(resolve);
    // In two halves: between them a page that was suspended receives the messages that arrived meanwhile.
    setTimeout(() => setTimeout(resolve, replyWaitMs / 2), replyWaitMs / 2);
  });
}
