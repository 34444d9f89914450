import type { User } from "./api.ts";

export interface ProfileChange {
  username?: string;
  locale?: string | null;
}

export interface PasswordChange {
  /** Left out by an account that has no password yet. */
  current_password?: string;
  password: string;
}

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

export interface AccountEvent {
  id: string;
  type: string;
  outcome: string;
  address: string | null;
  device: string | null;
  created_at: string;
}

export interface AccountActivity {
  events: AccountEvent[];
  /** The `after` of the next page; null on the last. */
  next: string | null;
}

export interface AccountExport {
  user: User;
  [name: string]: unknown;
}
