import type { AccountAdministration } from "../../../shared/accounts/administration.ts";
import type { AuditAdministration } from "../../../shared/audit/administration.ts";
import type { ExportedRecord } from "../exported-record.ts";
import { storedRecord } from "../stored-record.ts";
import type { ChainCheck } from "./chain-check.ts";
import type { Findings, Place } from "./findings.ts";

/** Checks all events in the database, chain by chain. */
export async function checkDatabase(
  store: AuditAdministration,
  { chains, onProgress }: { readonly chains: ChainCheck; readonly onProgress: (done: number) => void },
): Promise<void> {
  let chain: string | undefined;
  for await (const page of store.byChain()) {
    for (const row of page) {
      const record = storedRecord(row);
      if (chain !== undefined && chain !== record.chain) chains.endChain(chain);
      chain = record.chain;
      chains.see(record);
    }
    onProgress(chains.tally.events);
  }
}

/** The accounts of which personal parts were erased. */
export interface Erasures {
  see(record: ExportedRecord): void;
  /** Finds events that were erased although their accounts are there. */
  judge(accounts: AccountAdministration, findings: Findings): Promise<void>;
}

export function createErasures(): Erasures {
  /** By the accounts that an event names: the first of their events, and how many there are. */
  const erased = new Map<string, { readonly ids: readonly string[]; readonly place: Place; count: number }>();
  return {
    see({ chain, seq, id, time, actor, actorId, subject }) {
      const isAccount = actor === "person" || actor === "administrator";
      const ids = [subject, isAccount ? actorId : null].filter((found) => found !== null);
      const name = ids.join(" ");
      const known = erased.get(name);
      if (known) known.count += 1;
      else erased.set(name, { ids, place: { chain, seq, id, time }, count: 1 });
    },
    async judge(accounts, findings) {
      if (erased.size === 0) return;
      const sought = new Set([...erased.values()].flatMap(({ ids }) => ids));
      const present = new Set<string>();
      for await (const page of accounts.auditIds()) for (const id of page) if (sought.has(id)) present.add(id);
      for (const { ids, place, count } of erased.values()) {
        if (ids.some((id) => !present.has(id))) continue;
        const more = count === 1 ? "" : `, as those of ${count - 1} more of its account`;
        findings.add("removed", place, `its personal part is missing, although nobody's account was erased${more}`);
      }
    },
  };
}
