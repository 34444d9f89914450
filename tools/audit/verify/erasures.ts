import type { AccountAdministration } from "../../../shared/accounts/administration.ts";
import { nobodyDays } from "../../../shared/audit/erasure.ts";
import { lateSeconds } from "../../../shared/audit/lateness.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { parseObject, type ExportedRecord } from "../exported-record.ts";
import type { Findings, Place } from "./findings.ts";
import type { PrunedMark } from "./pruned-mark.ts";
import type { Range } from "./range.ts";
import { isErased } from "./record-check.ts";

/** Tells personal parts that the service erased from those that somebody removed. */
export interface Erasures {
  readonly see: (record: ExportedRecord, line?: number) => void;
  /** Takes an event that tells of an erasure, and nothing else. */
  seeErasure(record: ExportedRecord): void;
  /**
   * Judges the personal parts that are missing: no record comes any more.
   * @param accounts those of the database; undefined if only an export is there
   * @returns of how many events the log cannot tell, because not all of it is there
   */
  judge(accounts?: AccountAdministration): Promise<number>;
}

interface ErasureOptions {
  readonly findings: Findings;
  readonly range: Range;
  readonly pruned: PrunedMark;
  /** When the events were read. */
  readonly at: Date;
}

/** Events without their personal part that name the same accounts. */
interface Group {
  readonly ids: readonly string[];
  /** Whether the event that tells of the erasure may be gone or out of reach, because it came before. */
  readonly isAtEdge: boolean;
  readonly place: Place;
  count: number;
}

export function createErasures({ findings, range, pruned, at }: ErasureOptions): Erasures {
  const groups = new Map<string, Group>();
  const told = new Set<string>();
  const registered = createRegistered(findings);
  const nobodyBefore = addSeconds(at, -nobodyDays * 24 * 60 * 60).toISOString();
  const start = [pruned.before, range.from ?? ""].toSorted().at(-1) ?? "";
  const edge = start === "" ? "" : addSeconds(new Date(start), lateSeconds).toISOString();
  const isPartial = range.isFiltered || range.to !== undefined;
  const seeErasure = ({ type, subject }: ExportedRecord) => {
    if (type === "account.erased" && subject !== null) told.add(subject);
  };
  return {
    seeErasure,
    see(record, line) {
      const { chain, seq, id, time, type, actor } = record;
      seeErasure(record);
      if (type === "account.registered") registered.see(record);
      if (!isErased(record)) return;
      const ids = accountsOf(record);
      if (ids.length === 0 && actor === "anonymous" && time < nobodyBefore) return;
      const isAtEdge = time < edge;
      const name = `${isAtEdge} ${ids.join(" ")}`;
      const known = groups.get(name);
      if (known) known.count += 1;
      else groups.set(name, { ids, isAtEdge, place: { line, chain, seq, id, time }, count: 1 });
    },
    async judge(accounts) {
      const present = accounts ? await registered.compare(accounts, groups.values()) : new Set<string>();
      let untold = 0;
      for (const { ids, isAtEdge, place, count } of groups.values()) {
        if (ids.some((id) => (told.has(id) || isAtEdge) && !present.has(id))) continue;
        if (isPartial && ids.length > 0) {
          untold += count;
          continue;
        }
        const why = ids.length === 0 ? "it is about no account" : "the log tells of no erasure of its account";
        const reason = ids.some((id) => present.has(id)) ? "its account is there" : why;
        const more = count === 1 ? "" : `, as those of ${count - 1} more of these`;
        findings.add("removed", place, `its personal part is missing, although ${reason}${more}`);
      }
      return untold;
    },
  };
}

/** The audit ids that an event names. */
function accountsOf({ actor, actorId, subject }: ExportedRecord): string[] {
  const isAccount = actor === "person" || actor === "administrator";
  return [subject, isAccount ? actorId : null].filter((found) => found !== null);
}

/** Which account has which audit id, as the log tells it: the column alone would let anybody give a person's events to another. */
function createRegistered(findings: Findings) {
  const accountOf = new Map<string, string>();
  const auditIdOf = new Map<string, string>();
  return {
    see({ chain, seq, id, time, subject, personal }: ExportedRecord): void {
      const account = parseObject(personal ?? "")?.["account"];
      if (typeof account !== "string" || subject === null) return;
      const isOther =
        (accountOf.get(subject) ?? account) !== account || (auditIdOf.get(account) ?? subject) !== subject;
      if (isOther)
        findings.add("inserted", { chain, seq, id, time }, "it registers what another event has registered otherwise");
      accountOf.set(subject, account);
      auditIdOf.set(account, subject);
    },

    /** Compares the accounts that are there. @returns the audit ids of these groups that accounts have */
    async compare(accounts: AccountAdministration, groups: Iterable<Group>): Promise<Set<string>> {
      const sought = new Set([...groups].flatMap(({ ids }) => ids));
      const present = new Set<string>();
      for await (const page of accounts.auditIds())
        for (const { id, audit_id: auditId } of page) {
          if (auditId !== null && sought.has(auditId)) present.add(auditId);
          const expected = auditIdOf.get(id) ?? auditId;
          const owner = auditId === null ? id : (accountOf.get(auditId) ?? id);
          if (expected === auditId && owner === id) continue;
          const text = `account ${id} has the audit id ${auditId ?? "null"}, and was registered with another: users.audit_id was changed`;
          findings.add("changed", {}, text);
        }
      return present;
    },
  };
}
