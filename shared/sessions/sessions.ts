import type { Queries } from "../platform/database/database.ts";
import type { SessionLimits } from "./limits.ts";
import { createPresent, type Present } from "./refresh-token.ts";
import { createSessionStore, type SessionStore } from "./store.ts";
import { createUseMarks } from "./use-source.ts";

/** The sessions of people. */
export interface Sessions extends SessionStore {
  /** A refresh token as the queries take it, with its successor. */
  readonly present: Present;
}

/** @returns what makes them on a connection */
export function createSessions(limits: SessionLimits, secretKey: string): (queries: Queries) => Sessions {
  const present = createPresent(secretKey, createUseMarks(secretKey));
  return (queries) => ({ ...createSessionStore(queries, limits), present });
}
