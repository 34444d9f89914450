import { addSeconds } from "../../platform/clock.ts";
import type { BlobContainer } from "../../platform/blobs/container.ts";
import { log } from "../../platform/log.ts";
import type { AnchorStore, MadeAnchor } from "./store.ts";

/** Where anchors are kept outside of the database, each as a blob. */
export interface Outside {
  /**
   * Writes the anchors that are missing there, oldest first, until the time is over.
   * One whose name is taken by another text stays as it is there, which is told in the log.
   * @returns how many it wrote, and whether none is missing now
   * @throws ApiError DATABASE_UNAVAILABLE, or Error if the container is away or refuses; those written until then remain
   */
  catchUp(milliseconds: number): Promise<{ readonly written: number; readonly isComplete: boolean }>;
  /**
   * How it stands: `behind` if something that was anchored more than a quarter of an hour ago is missing, `differs` if it has
   * another text under the name of an anchor.
   * @param made the newest anchors, newest first
   * @throws as `catchUp`
   */
  standing(made: readonly MadeAnchor[], now: Date): Promise<"up" | "behind" | "differs">;
}

/** The name of an anchor's blob: sorted by name, they are in order. */
export function blobName(number: number): string {
  return `${String(number).padStart(10, "0")}.jws`;
}

export function createOutside(container: BlobContainer, store: Pick<AnchorStore, "newest" | "from">): Outside {
  /** All anchors up to this one are known to be there. */
  let kept = 0;
  let differs = false;
  const has = async (number: number) => number <= kept || (await container.has(blobName(number)));
  /** Each anchor names the one before: if this one is the same, all before it are. */
  const compare = async (number: number, jws: string): Promise<void> => {
    if (await container.holds(blobName(number), jws)) return;
    differs = true;
    log("error", "audit.anchor_differs", { number, blob: blobName(number) });
  };
  /** Notes that anchors up to this one are there, after a look at it. */
  const found = async (number: number): Promise<void> => {
    if (number <= kept) return;
    const [anchor] = await store.from(number, 1);
    if (anchor?.number === number) await compare(number, anchor.jws);
    kept = Math.max(kept, number);
  };
  return {
    async catchUp(milliseconds) {
      const endAt = performance.now() + milliseconds;
      const last = (await store.newest(1))[0]?.number ?? 0;
      await found(await lastThere(has, { from: kept, to: last }));
      let written = 0;
      while (kept < last && performance.now() < endAt) {
        const anchors = await store.from(kept + 1, pageSize);
        if (anchors.length === 0) break;
        for (const { number, jws } of anchors) {
          if (await container.putNew(blobName(number), jws, "application/jose")) written += 1;
          else await compare(number, jws);
          kept = number;
        }
      }
      return { written, isComplete: kept >= last };
    },
    async standing(made, now) {
      const by = addSeconds(now, -patienceSeconds);
      const due = made.find(({ anchored_at: at }) => at <= by);
      if (due && !(await has(due.number))) return "behind";
      if (due) await found(due.number);
      return differs ? "differs" : "up";
    },
  };
}

const patienceSeconds = 15 * 60;
const pageSize = 50;

/**
 * The last anchor that is there. They are written in order, so all before it are there too, and none after it: back by
 * strides that double, then by halves.
 */
async function lastThere(
  has: (number: number) => Promise<boolean>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number> {
  let [there, missing] = [from, to + 1];
  for (let stride = 1; missing - there > 1; stride *= 2) {
    const number = Math.max(there + 1, missing - stride);
    if (await has(number)) {
      there = number;
      break;
    }
    missing = number;
  }
  while (missing - there > 1) {
    const middle = Math.floor((there + missing) / 2);
    if (await has(middle)) there = middle;
    else missing = middle;
  }
  return there;
}
