import type { PrincipalAccount } from "./tables.ts";

/** What a sign-in or a refresh yields: an account and the tokens of one of its sessions. */
export interface Grant {
  readonly account: PrincipalAccount;
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
}
