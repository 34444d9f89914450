/** What the service says about an error code. */
export interface ErrorEntry {
  readonly status: number;
  /** What went wrong; part of every error answer. */
  readonly message: string;
  /** What the caller can do about it: the `detail` of problem details, and a column of `docs/errors.md`. */
  readonly remedy: string;
  /** The type of problem details, if a registered one (RFC 9457, section 4.2) says what it is. */
  readonly type?: string;
}

/** The codes of one subject. */
export type ErrorEntries = Readonly<Record<string, ErrorEntry>>;
