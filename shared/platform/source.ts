/** Where a call comes from (ASVS 16.2.1). The caller can claim anything here, except what a trusted proxy added. */
export interface Source {
  /** IPv4 or IPv6 without port; undefined if no trusted proxy names it. */
  readonly address: string | undefined;
  /** Its first 200 characters. */
  readonly userAgent: string | undefined;
}

/** The source of calls that come from no outside caller: a timer, a command. */
export const noSource: Source = { address: undefined, userAgent: undefined };

/** The columns of a row that say where something is used from. */
export function placeColumns({ address, userAgent }: Source): { address: string | null; user_agent: string | null } {
  return { address: address?.slice(0, 64) ?? null, user_agent: userAgent?.slice(0, 400) ?? null };
}
