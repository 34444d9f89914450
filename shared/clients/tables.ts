/** A row of `clients`. */
export interface ClientsTable {
  id: string;
  name: string;
  /** What it may ask for: scopes separated by spaces; empty for none. */
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
  /** Its place among the client tokens of the status list; unique. */
  status_index: number;
  expires_at: Date;
  revoked_at: Date | null;
  /** Null in a row written by a release from before sharding. */
  issued_at: Date | null;
}

/** The tables that this folder may query. */
export type Tables = { clients: ClientsTable; client_tokens: ClientTokensTable };

/** Whether a text is an id as rows have them: anything else SQL Server refuses to compare with one. */
export const isId = (text: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
