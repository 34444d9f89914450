import type { Account } from "../accounts/tables.ts";

/** What a sign-in or a refresh gives: the tokens of a session, and whose it is. */
export interface IssuedTokens {
  readonly account: Account;
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
}
