import { addSeconds, type Clock } from "../platform/clock.ts";
import { describeError, log } from "../platform/log.ts";
import type { Queues } from "../platform/queues/queues.ts";
import type { Outbox } from "./outbox.ts";
import { createHandOver, type HandOverOptions } from "./delivery/hand-over.ts";
import { createTurns, type InTurn } from "./delivery/turns.ts";
import { writeMessage, type MailMessage } from "./delivery/queue-message.ts";

/** Tells the queue which mails are to be sent. */
export interface Mail {
  /**
   * Call it before the transaction that posts these mails: should this process die after the commit, the queue finds
   * them a minute later. If the transaction does not post them after all, nothing happens. Never rejects, and does not
   * wait for a queue that is known to be away.
   */
  announce(ids: readonly string[]): Promise<void>;
  /** Has posted mails sent now. Called after each commit by `services.transaction`. Like `announce` otherwise. */
  hurry(ids: readonly string[]): Promise<void>;
  /** Has the worker look at a mail again, after `delaySeconds`. Like `announce` otherwise. */
  followUp(message: Pick<MailMessage, "id" | "rounds">, delaySeconds: number): Promise<void>;
  /**
   * Sends one mail after the other in this process: a process that dies then leaves one mail that may have been sent and
   * is not marked. A slow server holds up the others for two seconds.
   */
  readonly inTurn: InTurn;
  /** Mails that this process has sent, and not yet marked as sent. */
  readonly sentUnmarked: Set<string>;
  /**
   * Puts mails back into the queue that should have been sent and were not, because their messages were lost.
   * @returns how many
   */
  putBack(overdue: { readonly dueBy: Date; readonly now: Date; readonly limit: number }): Promise<number>;
  /**
   * The same when a process begins to use its database, and again half a minute later. Mails that became due, or were
   * put back, within the last half minute stay: a process that dies again and again must not fill the queue with them.
   * Returns at once.
   */
  putBackAtStart(clock: Clock): void;
  /** Whether to look for mails whose messages were lost: once a minute. */
  isTimeToPutBack(now: Date): boolean;
  /** Forgets what the queue has not taken. */
  close(): void;
}

/** The queue of mails to send; each message names a row. */
export const mailQueue = "mail";

export interface MailParts {
  /** Undefined if no storage is configured: mails then wait. */
  readonly queues: Queues | undefined;
  readonly outbox: Pick<Outbox, "takeOverdue">;
  readonly handOver?: HandOverOptions;
  /** When to look again after the start; half a minute unless given. */
  readonly secondLookMilliseconds?: number;
}

export function createMail({
  queues,
  outbox,
  handOver: options,
  secondLookMilliseconds = (startPatienceSeconds + 1) * 1000,
}: MailParts): Mail {
  const handOver =
    queues && createHandOver((text, delaySeconds) => queues.send(mailQueue, text, { delaySeconds }), options);
  const tell = async (messages: readonly MailMessage[], delaySeconds: number): Promise<void> => {
    const give = async (message: MailMessage) =>
      handOver?.give({ key: message.id, text: writeMessage(message), delaySeconds });
    await Promise.all(messages.map(give));
  };
  let putBackAt: Date | undefined;
  let isClosed = false;
  let secondLook: NodeJS.Timeout | undefined;
  const first = (id: string): MailMessage => ({ id, isFollowUp: false, rounds: 0 });
  const hurry = (ids: readonly string[]) => tell(ids.map(first), 0);
  const putBack: Mail["putBack"] = async (overdue) => {
    const ids = await outbox.takeOverdue(overdue);
    await hurry(ids);
    return ids.length;
  };
  return {
    announce: (ids) => tell(ids.map(first), announcementDelaySeconds),
    hurry,
    followUp: (message, delaySeconds) => tell([{ ...message, isFollowUp: true }], delaySeconds),
    inTurn: createTurns(),
    sentUnmarked: new Set(),
    putBack,
    putBackAtStart(clock) {
      if (!queues) return;
      const look = () => {
        const now = clock.now();
        const overdue = { dueBy: addSeconds(now, -startPatienceSeconds), now, limit: startLimit };
        if (!isClosed) putBack(overdue).catch(tellFailure);
      };
      // Others wait for the database: they come first.
      setImmediate(look);
      // What was posted just before this process started.
      secondLook = setTimeout(look, secondLookMilliseconds).unref();
    },
    isTimeToPutBack(now) {
      const isTime = putBackAt === undefined || now >= addSeconds(putBackAt, putBackSeconds);
      if (isTime) putBackAt = now;
      return isTime;
    },
    close() {
      isClosed = true;
      clearTimeout(secondLook);
      handOver?.close();
    },
  };
}

const announcementDelaySeconds = 60;
const putBackSeconds = 60;
const startPatienceSeconds = 30;
/** The most mails that a process puts back when it starts. */
const startLimit = 100;

function tellFailure(error: unknown): void {
  log("warn", "mail.not_put_back", { cause: describeError(error) });
}
