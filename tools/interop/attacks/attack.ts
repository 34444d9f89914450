/** An attack with a program that others wrote. */
export interface Attack {
  /** What it runs: Debian's package of the same name. */
  readonly program: string;
  /** Attacks a service of its own, and counts what must hold. */
  readonly run: (options: AttackOptions) => Promise<void>;
}

export interface AttackOptions {
  /** Where to put all its files. */
  readonly folder: string;
  /** A minute of it; the whole otherwise, which may take an hour. */
  readonly isBounded: boolean;
}
