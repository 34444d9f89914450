// @latchkey/client/account: what people do with their accounts. Each call is a function of its own, so that an
// application carries the ones that it imports.
import * as calls from "./account-calls.ts";
import { insidesOf } from "./insides.ts";
import type { Holder } from "./acting.ts";
import { withAsking, type AskForProof, type Proof } from "./proof.ts";

export type {
  AccountActivity,
  AccountEvent,
  AccountExport,
  Identities,
  OwnerProof,
  PasswordChange,
  PasswordQuestion,
  PasswordVerdict,
  ProfileChange,
  SessionEntry,
} from "./api.ts";
export type { AskForProof, Holder, Proof };
export {
  activity,
  cancelDeletion,
  changeEmail,
  changePassword,
  checkPassword,
  confirmEmail,
  deleteAccount,
  endOtherSessions,
  endSession,
  exportAccount,
  forgotPassword,
  identities,
  linkIdentity,
  reauthenticate,
  resendVerification,
  resetPassword,
  sessions,
  undoEmail,
  unlinkIdentity,
  updateProfile,
  verifyEmail,
} from "./account-calls.ts";

/** All the functions of this module, for one client: they need it no longer as their first argument. */
export type Account = { readonly [Name in keyof typeof calls]: Bound<(typeof calls)[Name]> };

type Bound<F> = F extends (holder: Holder, ...given: infer Given) => infer Answer ? (...given: Given) => Answer : never;

/**
 * A client whose person is asked when a change needs a fresh sign-in; the change then continues. To be passed to the
 * functions of this module, of `mfa` and of `passkeys`. @param client made by `createClient`
 */
export function withProof(client: Holder, askForProof: AskForProof): Holder {
  return withAsking(client, askForProof);
}

/**
 * @param client made by `createClient`
 * @param options.reauthenticate asks the person when a change needs a fresh sign-in, as in `withProof`
 * @throws LatchkeyError
 */
export function accountOf(client: Holder, options?: { readonly reauthenticate?: AskForProof }): Account {
  insidesOf(client);
  const holder = {
    fetch: client.fetch,
    // When a call asks, which tells by rejecting what is wrong with it.
    get prove() {
      return withAsking(client, options?.reauthenticate).prove;
    },
  };
  const unbound = Object.entries(calls as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>);
  const bound = unbound.map(([name, call]) => [name, (...given: readonly unknown[]) => call(holder, ...given)]);
  return Object.fromEntries(bound) as Account;
}
