import { repeatable } from "../../platform/database/budget.ts";
import type { Queries } from "../../platform/database/database.ts";
import { isDuplicate } from "../../platform/database/errors.ts";
import type { AuditAnchorsTable } from "./tables.ts";

export type AnchorStore = ReturnType<typeof createAnchorStore>;

/** An anchor without its text. */
export type MadeAnchor = Pick<AuditAnchorsTable, "number" | "anchored_at">;

/** Beyond all numbers. */
export const afterAll = 2 ** 31 - 1;

/** The queries on `audit_anchors`. */
export function createAnchorStore(queries: Queries) {
  const db = queries.withTables<{ audit_anchors: AuditAnchorsTable }>();
  /** The newest anchors below a number, newest first. */
  const below = (number: number, limit: number): Promise<AuditAnchorsTable[]> =>
    db
      .selectFrom("audit_anchors")
      .select(["number", "anchored_at", "jws"])
      .where("number", "<", number)
      .orderBy("number", "desc")
      .limit(limit)
      .execute();
  return {
    below,

    /** The numbers of the newest anchors and when they were made, newest first: their texts may be long. */
    newest: (limit: number): Promise<MadeAnchor[]> =>
      db
        .selectFrom("audit_anchors")
        .select(["number", "anchored_at"])
        .where("number", "<", afterAll)
        .orderBy("number", "desc")
        .limit(limit)
        .execute(),

    /** Anchors from a number on, oldest first. */
    from: (number: number, limit: number): Promise<Pick<AuditAnchorsTable, "number" | "jws">[]> =>
      db
        .selectFrom("audit_anchors")
        .select(["number", "jws"])
        .where("number", ">=", number)
        .orderBy("number")
        .limit(limit)
        .execute(),

    /** Adds an anchor. @returns false if its number is taken: another instance was faster, or an earlier run of this one */
    async add(row: AuditAnchorsTable): Promise<boolean> {
      return !(await isDuplicate(repeatable(() => db.insertInto("audit_anchors").values(row).execute())));
    },
  };
}
