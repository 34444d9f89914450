import type { User } from "./api.ts";

export interface SessionEntry {
  id: string;
  device: string | null;
  browser: string | null;
  os: string | null;
  address: string | null;
  created_at: string;
  last_used_at: string;
  /** Whether it is the session that asks. */
  current: boolean;
}

export interface AccountExport {
  user: User;
  [name: string]: unknown;
}
