import type { Verdict } from "./rules.ts";

/** A row of `address_rules`. */
export interface AddressRulesTable {
  /** In CIDR notation, as `formatNetwork` writes it. */
  network: string;
  verdict: Verdict;
  created_at: Date;
  expires_at: Date;
}

/** The table that this folder may query. */
export type Tables = { address_rules: AddressRulesTable };
