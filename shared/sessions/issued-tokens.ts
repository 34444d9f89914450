import type { Account } from "../accounts/tables.ts";

/** The result of a sign-in or a refresh: the tokens of a session, and its account. */
export interface IssuedTokens {
  readonly account: Account;
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
  /** The device that a sign-in comes from; undefined after a refresh. */
  readonly device?: { readonly token: string };
}
