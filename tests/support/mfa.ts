import { expect } from "vitest";
import type { NewChallenge } from "../../shared/mfa/challenges.ts";
import type { MfaQueries } from "../../shared/mfa/tables.ts";
import { newTotpSecret, totpAt } from "../../shared/mfa/totp.ts";
import { newId, randomToken } from "../../shared/platform/crypto/random.ts";
import type { Transaction } from "../../shared/stores.ts";
import { contextOf } from "./context.ts";
import type { TestServices } from "./service.ts";

/** 50 at once. */
export const fifty = <T>(work: (turn: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, turn) => work(turn)));

/** What the tests of the stores of second factors do with them. */
export function createMfaCalls({ services, clock }: TestServices) {
  const { mfa } = services;
  const now = () => clock.now();
  const inTransaction = <T>(work: (tx: Transaction) => Promise<T>) => services.transaction(contextOf(services), work);
  const db = services.database.queries.withTables<never>() as unknown as MfaQueries;

  async function newAccount(): Promise<string> {
    const id = newId(now());
    const account = { id, email: null, username: "Ada", passwordHash: null, locale: "en" };
    expect(await services.accounts.create(account, now())).toBeDefined();
    return id;
  }

  /** Adds an app that is not confirmed yet. */
  async function addApp(accountId: string) {
    const app = { id: newId(now()), accountId, name: "Phone", secret: newTotpSecret() };
    return { ...app, isAdded: await inTransaction((tx) => tx.mfa.totp.add(app, now())) };
  }

  /** Adds an app, and confirms it by its present code. */
  async function newApp(accountId: string) {
    const app = await addApp(accountId);
    const factor = await mfa.totp.findUnconfirmed(app, now());
    const match = factor && mfa.totp.match([factor], totpAt(app.secret, now()), now());
    if (!match) throw new Error("not added");
    expect(await mfa.totp.confirm({ ...match, accountId }, now())).toBe(true);
    return { ...app, factor, match };
  }

  /** Issues a challenge after a password. */
  async function issue(accountId: string, overrides: Partial<NewChallenge> = {}): Promise<NewChallenge> {
    const token = { token: randomToken(), purpose: "sign_in", deviceHash: Buffer.alloc(32, 7) } as const;
    const first = { isDeviceKnown: false, authenticatedAt: now(), methods: ["pwd"], provider: undefined };
    const challenge = { accountId, ...token, ...first, ...overrides };
    await inTransaction((tx) => tx.mfa.challenges.issue(challenge, now()));
    return challenge;
  }

  const tryAt = (challenge: NewChallenge, tryId = newId(now())) =>
    inTransaction((tx) => tx.mfa.challenges.countTry({ ...challenge, tryId }, now()));

  return { now, inTransaction, db, newAccount, addApp, newApp, issue, tryAt };
}
