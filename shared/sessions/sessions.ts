import type { Queries } from "../platform/database/database.ts";
import type { SessionLimits } from "./limits.ts";
import { createPresent, type Present } from "./refresh-token.ts";
import { createSessionStore, type SessionStore } from "./store.ts";
import { createUseMarks } from "./use-source.ts";

/** People's sessions. */
export interface Sessions extends SessionStore {
  /** Prepares a refresh token, and its successor, for the queries. */
  readonly present: Present;
}

/** @returns a function that creates them for a connection */
export function createSessions(limits: SessionLimits, secretKey: string): (queries: Queries) => Sessions {
  const present = createPresent(secretKey, createUseMarks(secretKey));
  return (queries) => ({ ...createSessionStore(queries, limits), present });
}
