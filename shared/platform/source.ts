/** Where a call comes from (ASVS 16.2.1). Both are the caller's own word but for what a trusted proxy has added. */
export interface Source {
  /** IPv4 or IPv6, without port; undefined where no trusted proxy names it. */
  readonly address: string | undefined;
  /** The beginning of it. */
  readonly userAgent: string | undefined;
}

/** The source of what nobody outside has called: a timer, a command. */
export const noSource: Source = { address: undefined, userAgent: undefined };
