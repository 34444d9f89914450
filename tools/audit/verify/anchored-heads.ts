import { lateSeconds } from "../../../shared/audit/lateness.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";

/** Where a chain ended when an anchor was made. */
export interface ChainHead {
  readonly chain: string;
  /** How many records it had. */
  readonly count: number;
  /** The hash of the last one, 32 bytes. */
  readonly hash: Buffer;
}

/** An anchor's statement about a chain. */
export interface AnchoredHead {
  readonly anchor: number;
  readonly count: number;
  /** As base64url. */
  readonly hash: string;
  /** The next statement about the same chain, for `at`. */
  readonly next: number;
  /** Records from before this instant should have been in an earlier anchor. */
  readonly notBefore: string;
  /** When the anchor was made. */
  readonly time: string;
}

/** Where a chain's first and last anchored heads are. */
export interface AnchoredChain {
  readonly first: number;
  last: number;
}

/**
 * What the anchors say of chains. It holds 44 bytes for each head and an entry for each chain, so that the anchors of
 * years fit into memory; the records then come one by one.
 */
export class AnchoredHeads {
  readonly #chains = new Map<string, AnchoredChain>();
  readonly #notBefore = new Map<number, string>();
  readonly #times = new Map<number, string>();
  #counts = new Int32Array(1024);
  #anchors = new Int32Array(1024);
  #next = new Int32Array(1024);
  #hashes = Buffer.alloc(1024 * 32);
  #size = 0;
  #newest = { number: 0, time: "" };
  #anchoredFrom = "";

  /**
   * Begins the next anchor.
   * @param time when it was made
   * @param timing.isJudging whether its time says when events were added
   * @param timing.isToCome whether its time is wrong
   */
  begin(anchor: number, time: string, { isJudging, isToCome }: { isJudging: boolean; isToCome: boolean }): void {
    if (this.#newest.number === 0 && anchor > 1) this.#anchoredFrom = time;
    const { number, time: before } = this.#newest;
    const isOfSameRun = time === before;
    // A clock may have been set back: then the anchor looked back from its own time.
    const lookedBackFrom = before === "" ? "" : lookBackFrom(before < time ? before : time);
    const notBefore = isOfSameRun ? (this.#notBefore.get(number) ?? "") : lookedBackFrom;
    this.#times.set(anchor, time);
    this.#notBefore.set(anchor, isJudging ? notBefore : "");
    this.#newest = { number: anchor, time: isToCome ? before : time };
  }

  /** Records from before this instant may be in anchors that are not here; empty if all are. */
  anchoredFrom(): string {
    return this.#anchoredFrom;
  }

  /** Records from before this instant should be in an anchor; undefined without anchors. */
  anchoredBefore(): string | undefined {
    return this.#newest.time === "" ? undefined : lookBackFrom(this.#newest.time);
  }

  /** Adds a head of the anchor that was begun last. @returns false if an anchor before has more of its chain, or others */
  add({ chain, count, hash }: ChainHead): boolean {
    const known = this.#chains.get(chain);
    const before = known ? (this.#counts[known.last] ?? 0) : 0;
    if (count < before) return false;
    // An anchor that says the same again says nothing new.
    if (known && count === before) return hash.compare(this.#hashes, known.last * 32, known.last * 32 + 32) === 0;
    if (this.#size === this.#counts.length) this.#grow();
    const place = this.#size;
    this.#size += 1;
    this.#counts[place] = count;
    this.#anchors[place] = this.#newest.number;
    this.#next[place] = none;
    hash.copy(this.#hashes, place * 32);
    if (known) {
      this.#next[known.last] = place;
      known.last = place;
    } else this.#chains.set(chain, { first: place, last: place });
    return true;
  }

  chain(chain: string): AnchoredChain | undefined {
    return this.#chains.get(chain);
  }

  chains(): Iterable<[string, AnchoredChain]> {
    return this.#chains;
  }

  /** A head by its place; undefined after a chain's last. */
  at(place: number): AnchoredHead | undefined {
    if (place === none) return undefined;
    const anchor = this.#anchors[place] ?? 0;
    return {
      anchor,
      count: this.#counts[place] ?? 0,
      hash: this.#hashes.toString("base64url", place * 32, place * 32 + 32),
      next: this.#next[place] ?? none,
      notBefore: this.#notBefore.get(anchor) ?? "",
      time: this.#times.get(anchor) ?? "",
    };
  }

  /** The last statement about a chain by an anchor that was made until then; the last of all if undefined. */
  lastOf(chain: AnchoredChain, until: string | undefined): AnchoredHead | undefined {
    let last = this.at(chain.last);
    if (!last || until === undefined || last.time <= until) return last;
    last = undefined;
    for (let head = this.at(chain.first); head; head = this.at(head.next)) if (head.time <= until) last = head;
    return last;
  }

  #grow(): void {
    const grown = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    [this.#counts, this.#anchors, this.#next] = [grown(this.#counts), grown(this.#anchors), grown(this.#next)];
    this.#hashes = Buffer.concat([this.#hashes, Buffer.alloc(this.#hashes.length)]);
  }
}

const none = -1;

/** Anchors look that far back for records from before the one before them. */
const lookBackFrom = (time: string): string => addSeconds(new Date(time), -lateSeconds).toISOString();
