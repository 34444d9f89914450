import type { Queries } from "../platform/database/database.ts";
import { createBeginningQueries } from "./beginning-queries.ts";
import { createEndingQueries } from "./ending-queries.ts";
import { createErasureQueries } from "./erasure-queries.ts";
import type { SessionLimits } from "./limits.ts";
import { createPurgeQueries } from "./purge-queries.ts";
import { createRefreshTokenQueries } from "./refresh-token-queries.ts";
import { createPrincipalQueries } from "./session-queries.ts";
import { createStatusIndexQueries } from "./status-index-queries.ts";
import type { Tables } from "./tables.ts";
import { createUseQueries } from "./use-queries.ts";

export type SessionStore = ReturnType<typeof createSessionStore>;

/** The queries on `sessions` and `refresh_tokens`. */
export function createSessionStore(queries: Queries, limits: SessionLimits) {
  const db = queries.withTables<Tables>();
  return {
    ...createBeginningQueries(db, limits),
    ...createPrincipalQueries(db),
    ...createRefreshTokenQueries(db, limits),
    ...createEndingQueries(db, limits),
    ...createStatusIndexQueries(db),
    ...createPurgeQueries(db),
    ...createErasureQueries(db),
    ...createUseQueries(db),
  };
}
