import type { AuditAdministration } from "../../../shared/audit/administration.ts";
import { createRecordReader } from "../stored-record.ts";
import type { ChainCheck } from "./chain-check.ts";

/** Checks all events in the database, chain by chain. */
export async function checkDatabase(
  store: AuditAdministration,
  { chains, onProgress }: { readonly chains: ChainCheck; readonly onProgress: (done: number) => void },
): Promise<void> {
  const read = createRecordReader();
  let chain: string | undefined;
  for await (const page of store.byChain()) {
    for (const row of page) {
      const record = read(row);
      if (chain !== undefined && chain !== record.chain) chains.endChain(chain);
      chain = record.chain;
      chains.see(record);
    }
    onProgress(chains.tally.events);
  }
}
