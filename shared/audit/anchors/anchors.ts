import { addSeconds, leewaySeconds, type Clock } from "../../platform/clock.ts";
import { createBlobContainer } from "../../platform/blobs/container.ts";
import type { Queries } from "../../platform/database/database.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { describeError, log } from "../../platform/log.ts";
import type { Queues } from "../../platform/queues/queues.ts";
import type { AnchorCheck } from "../../platform/readiness.ts";
import { anchorChains, type Anchored, type Asked, type SignAnchor } from "./anchoring.ts";
import { createFindLast, type VerifySignature } from "./last.ts";
import { createOutside, type Outside } from "./outside.ts";
import { createReminder, deliverHere } from "./reminder.ts";
import type { AnchorSettings } from "./settings.ts";
import { createAnchorStore, type MadeAnchor } from "./store.ts";

/** What a call that anchors has done. */
export interface AnchorReport extends Anchored {
  /** How many anchors it wrote into the container; undefined if there is none, or if it is away or refuses. */
  readonly written: number | undefined;
}

/** The anchors of the audit log: signed heads of its chains. */
export interface Anchors {
  /** Call it after each commit that kept events: they are anchored soon. Returns at once, and never fails. */
  remind(): void;
  /**
   * Anchors what is due at a reminder. Instances remind each other: what the last anchor has is not anchored again, and two
   * anchors are as far apart as the setting says.
   * @param until when the last event may have been kept that the reminder is about; undefined if that is unknown
   * @throws ApiError DATABASE_UNAVAILABLE
   */
  onReminder(until: Date | undefined, now: Date): Promise<AnchorReport | "anchored already" | "put off">;
  /**
   * Anchors all chains that have grown, and takes to the container what is missing there.
   * @param reach.lookBackSeconds how far to look for them; since the last anchor unless given
   * @param reach.milliseconds how long the container may be caught up; 20 seconds unless given
   * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
   */
  anchor(now: Date, reach?: Reach): Promise<AnchorReport>;
  /**
   * Says in an anchor that the events before the start of a day are about to be removed. Only then may they be.
   * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
   */
  anchorRemoval(before: Date, now: Date): Promise<void>;
  /** How anchors stand, for the readiness check. @throws ApiError DATABASE_UNAVAILABLE */
  check(now: Date): Promise<AnchorCheck>;
  close(): void;
}

export interface Reach {
  readonly lookBackSeconds?: number;
  readonly milliseconds?: number;
}

/** The queue of reminders; each message is the instant up to which events may have been kept. */
export const anchorQueue = "audit-anchors";

export interface AnchorParts {
  readonly queries: Queries;
  /** Undefined if no storage is configured: this process then reminds itself. */
  readonly queues: Pick<Queues, "send"> | undefined;
  /** What signs anchors, and verifies that it has signed them. */
  readonly tokens: { readonly signDocument: SignAnchor; readonly verifyDocument: VerifySignature };
  /** How long events are kept. */
  readonly keptSeconds: number;
  readonly clock: Clock;
  /** The most heads of an anchor; `mostHeads` unless given. */
  readonly most?: number;
}

export function createAnchors(
  { everySeconds, container }: AnchorSettings,
  { queries, queues, tokens, keptSeconds, clock, most }: AnchorParts,
): Anchors {
  const store = createAnchorStore(queries);
  const outside = container && createOutside(createBlobContainer(container), store);
  const findLast = createFindLast(store, tokens.verifyDocument);
  const sign = tokens.signDocument;
  const make = (asked: Asked) =>
    anchorChains({ queries, store, findLast: () => findLast(addSeconds(asked.now, -keptSeconds)), sign, most }, asked);
  const here = deliverHere((until) => onReminder(until, clock.now()));
  const deliver = (until: Date, delaySeconds: number) =>
    queues ? queues.send(anchorQueue, until.toISOString(), { delaySeconds }) : here(until, delaySeconds);
  const reminder = createReminder(deliver, { seconds: everySeconds, clock });

  const anchor: Anchors["anchor"] = async (now, { lookBackSeconds, milliseconds = usualMilliseconds } = {}) => {
    const anchored = await make({ now, lookBackSeconds });
    return { ...anchored, written: outside && (await catchUp(outside, milliseconds)) };
  };
  const onReminder: Anchors["onReminder"] = async (until, now) => {
    const lastAt = (await store.newest(1))[0]?.anchored_at;
    // One whose time is still to come says nothing about what was kept by then.
    const isAhead = lastAt !== undefined && lastAt > addSeconds(now, leewaySeconds);
    if (lastAt && until && !isAhead && lastAt > addSeconds(until, leewaySeconds)) return "anchored already";
    const waitSeconds = lastAt ? (lastAt.getTime() - now.getTime()) / 1000 + everySeconds : 0;
    // A little too soon is soon enough. One that is further ahead was made by a clock that was wrong: nobody waits for that.
    if (waitSeconds > everySeconds / 10 && waitSeconds <= everySeconds + leewaySeconds) {
      await deliver(until ?? now, Math.ceil(waitSeconds));
      return "put off";
    }
    try {
      return await anchor(now);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "SIGNING_UNAVAILABLE")) throw error;
      log("warn", "audit.not_anchored", { cause: describeError(error) });
      await deliver(until ?? now, everySeconds);
      return "put off";
    }
  };
  return {
    remind: () => reminder.remind(),
    onReminder,
    anchor,
    async anchorRemoval(before, now) {
      await make({ now, pruned: before });
      if (outside) await catchUp(outside, usualMilliseconds);
    },
    async check(now) {
      const made = await store.newest(100);
      const status = outside ? await standingOf(outside, made, now) : "not configured";
      return { status, last_at: made[0]?.anchored_at.toISOString() ?? null };
    },
    close() {
      reminder.close();
      here.close();
    },
  };
}

const usualMilliseconds = 20_000;

/** The anchors are made, and the next call writes those that are missing. */
async function catchUp(outside: Outside, milliseconds: number): Promise<number | undefined> {
  try {
    const { written, isComplete } = await outside.catchUp(milliseconds);
    if (!isComplete) log("warn", "audit.anchors_behind", { written });
    return written;
  } catch (error) {
    log("warn", "audit.not_anchored_outside", { cause: describeError(error) });
    return undefined;
  }
}

async function standingOf(outside: Outside, made: readonly MadeAnchor[], now: Date): Promise<AnchorCheck["status"]> {
  try {
    return await outside.standing(made, now);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    log("warn", "dependency.down", { dependency: "audit anchors", cause: describeError(error) });
    return "behind";
  }
}
