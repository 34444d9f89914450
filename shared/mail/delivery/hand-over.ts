import { describeError, log } from "../../platform/log.ts";

/** Hands messages to a queue that may be away. */
export interface HandOver {
  /**
   * Sends a message, or keeps it until the queue answers. Nobody waits for a queue that is known to be away. Never
   * rejects.
   */
  give(message: HandedMessage): Promise<void>;
  /** Gives up what is kept. */
  close(): void;
}

export interface HandedMessage {
  /** A later message of the same key takes the place of the one that is kept. */
  readonly key: string;
  readonly text: string;
  readonly delaySeconds: number;
}

export interface HandOverOptions {
  /** How many messages are kept; beyond that the oldest is forgotten. 10,000 unless given: some 2 MB. */
  readonly capacity?: number;
  /** The pause before the queue is tried again; it doubles up to a minute. A second unless given. */
  readonly firstPauseMilliseconds?: number;
}

const longestPauseMilliseconds = 60_000;
/** How many messages are sent at once when the queue is back. */
const batchSize = 16;

/** A kept message, with the instant of `performance.now()` at which it is to be visible. */
interface Kept {
  readonly text: string;
  readonly visibleAt: number;
}

/** @param send puts a message into the queue; rejects within its own time limit */
export function createHandOver(
  send: (text: string, delaySeconds: number) => Promise<void>,
  { capacity = 10_000, firstPauseMilliseconds = 1000 }: HandOverOptions = {},
): HandOver {
  const kept = new Map<string, Kept>();
  let isAway = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const keep = ({ key, text, delaySeconds }: HandedMessage) => {
    kept.delete(key);
    kept.set(key, { text, visibleAt: performance.now() + delaySeconds * 1000 });
    const [oldest] = kept.keys();
    if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
  };
  const tryLater = (pause: number) => {
    if (isClosed) return;
    timer = setTimeout(() => void putBack(pause), pause);
    timer.unref();
  };
  const loseQueue = (error: unknown) => {
    if (isAway) return;
    isAway = true;
    log("warn", "mail.queue_away", { cause: describeError(error) });
    tryLater(firstPauseMilliseconds);
  };
  const sendKept = async ([key, message]: [string, Kept]) => {
    const seconds = Math.max(0, Math.ceil((message.visibleAt - performance.now()) / 1000));
    await send(message.text, seconds);
    if (kept.get(key) === message) kept.delete(key);
  };
  /** One message tells whether the queue is back; then the others follow. */
  const putBack = async (pause: number) => {
    try {
      for (let count = 1; kept.size > 0; count = batchSize) await Promise.all([...kept].slice(0, count).map(sendKept));
      isAway = false;
      log("info", "mail.queue_back");
    } catch {
      tryLater(Math.min(pause * 2, longestPauseMilliseconds));
    }
  };

  return {
    async give(message) {
      if (isAway) return keep(message);
      try {
        await send(message.text, message.delaySeconds);
        kept.delete(message.key);
      } catch (error) {
        keep(message);
        loseQueue(error);
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
