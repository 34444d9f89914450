/** An attempt to count. */
export interface Attempt {
  /** 32 bytes that name what it is counted by. */
  readonly bucket: Buffer;
  /** How long a window lasts; it begins with its first attempt. */
  readonly windowSeconds: number;
}

/** What a bucket has come to. */
export interface Count {
  /** The attempts of this window, this one and refused ones included. */
  readonly used: number;
  readonly resetsAt: Date;
}

/** Counts attempts for all instances. */
export interface RateCounter {
  /**
   * Counts one attempt in each bucket, in one round trip. Whatever comes in parallel, each gets a number of its own.
   * @returns the counts, in the order of the attempts
   * @throws ApiError if it cannot tell
   */
  count(attempts: readonly Attempt[], now: Date): Promise<readonly Count[]>;
}
