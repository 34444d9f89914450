/** What an event says of whoever called; all null once it is erased. */
export interface Caller {
  /** Where the call came from. */
  readonly address: string | null;
  readonly user_agent: string | null;
  /** The call's `X-Request-Id`. */
  readonly request_id: string | null;
  readonly session_id: string | null;
  /** Part of the address that was typed. */
  readonly email: string | null;
}

/** The caller of an event, from the `personal` part of its record. */
export function callerOf(personal: string | null): Caller {
  const { address, user_agent, request_id, session, email } = JSON.parse(personal ?? "{}") as Partial<
    Record<string, string>
  >;
  return {
    address: address ?? null,
    user_agent: user_agent ?? null,
    request_id: request_id ?? null,
    session_id: session ?? null,
    email: email ?? null,
  };
}
