/** A row of `clients`. */
export interface ClientsTable {
  id: string;
  name: string;
  /** The scopes it may ask for, separated by spaces; empty for none. */
  scope: string;
  secret_hash: Buffer;
  created_at: Date;
  disabled_at: Date | null;
}

/** A row of `client_tokens`. */
export interface ClientTokensTable {
  /** The `jti` of the token. */
  id: string;
  client_id: string;
  /** Its status index among client tokens; unique. */
  status_index: number;
  expires_at: Date;
  revoked_at: Date | null;
  /** Null in a row written by a release older than sharding. */
  issued_at: Date | null;
}

/** A row of `client_uses`. */
export interface ClientUsesTable {
  client_id: string;
  /** To within a day. */
  last_used_at: Date;
}

/** The tables that this folder may query. */
export type Tables = { clients: ClientsTable; client_tokens: ClientTokensTable; client_uses: ClientUsesTable };

/** Whether a text has the form of a row's id: SQL Server refuses to compare an id with anything else. */
export const isId = (text: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
