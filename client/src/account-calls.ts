import type {
  AccountActivity,
  AccountExport,
  OwnerProof,
  PasswordChange,
  PasswordQuestion,
  PasswordVerdict,
  ProfileChange,
  SessionEntry,
  User,
} from "./api.ts";
import { acting, confirmed, type Holder } from "./acting.ts";
import { proveAgain, type Proof } from "./proof.ts";
import { idPart } from "./service.ts";

export { identities, linkIdentity, unlinkIdentity } from "./identities.ts";

/** Sends something that needs no sign-in. */
const post = <T>(holder: Holder, path: string, body: object): Promise<T> =>
  acting(holder, ({ inside }) => inside.service<T>(path, { body }));

const get = <T>(holder: Holder, path: string): Promise<T> =>
  acting(holder, ({ inside }) => inside.asPerson<T>(path, { method: "GET" }));

/** Proves an address with what was mailed to it. This does not sign anyone in. */
export function verifyEmail(
  holder: Holder,
  proof: { readonly token: string } | { readonly email: string; readonly code: string },
): Promise<{ email_verified: boolean }> {
  return post(holder, "auth/email/verify", proof);
}

/** Mails another link and code, if the address waits for one: the answer does not tell. */
export function resendVerification(holder: Holder, to: { readonly email: string }): Promise<unknown> {
  return post(holder, "auth/email/resend", to);
}

/** Mails a link for a new password, if the address has an account: the answer does not tell. */
export function forgotPassword(holder: Holder, to: { readonly email: string }): Promise<unknown> {
  return post(holder, "auth/password/forgot", to);
}

/** Sets a new password with the token of the mailed link. This ends all the account's sessions. */
export function resetPassword(
  holder: Holder,
  reset: { readonly token: string; readonly password: string },
): Promise<unknown> {
  return post(holder, "auth/password/reset", reset);
}

/**
 * Whether a password may be chosen, and advice in the browser's language: for a form, while somebody types. Ask when the
 * typing pauses, and let the form work without an answer.
 */
export function checkPassword(holder: Holder, question: PasswordQuestion): Promise<PasswordVerdict> {
  return post(holder, "auth/password/check", question);
}

/** Changes the password, or sets the first one, and ends the account's other sessions. */
export function changePassword(holder: Holder, change: PasswordChange): Promise<unknown> {
  return acting(holder, (actor) => confirmed(actor, "auth/password/change", { body: change }));
}

/** Changes the profile. @returns the person as they are now, as the client's `user` is then */
export function updateProfile(holder: Holder, change: ProfileChange): Promise<User> {
  return acting(holder, async ({ inside: { asPerson, keeper } }) => {
    const { user } = await asPerson<{ user: User }>("auth/me", { method: "PATCH", body: change });
    await keeper.change(async () => {
      const { session } = keeper;
      return session?.user.id === user.id ? { ...session, user } : session;
    });
    return user;
  });
}

/** Mails a link to a new address. The old one stays until `confirmEmail`. */
export function changeEmail(holder: Holder, to: { readonly email: string }): Promise<unknown> {
  return acting(holder, (actor) => confirmed(actor, "auth/email/change", { body: to }));
}

/** Makes the new address the account's, with the token of the link that was mailed to it. */
export function confirmEmail(holder: Holder, proof: { readonly token: string }): Promise<unknown> {
  return post(holder, "auth/email/confirm", proof);
}

/** Takes a change of address back, with the token that was mailed to the old one. This ends all sessions. */
export function undoEmail(holder: Holder, proof: { readonly token: string }): Promise<unknown> {
  return post(holder, "auth/email/undo", proof);
}

/** Everything that the service holds about the person. */
export function exportAccount(holder: Holder): Promise<AccountExport> {
  return acting(holder, (actor) => confirmed(actor, "auth/me/export"));
}

/** Deactivates the account, and signs the person out. @returns when it will be erased */
export function deleteAccount(holder: Holder): Promise<{ erased_at: string }> {
  return acting(holder, (actor) => confirmed(actor, "auth/me", { method: "DELETE", isLast: true }));
}

/**
 * Keeps an account that is to be erased. This does not sign anyone in.
 * @param proof address and password, or what an app got from a provider
 */
export function cancelDeletion(holder: Holder, proof: OwnerProof): Promise<unknown> {
  return post(holder, "auth/me/deletion/cancel", proof);
}

/** The sessions of the account: the devices that are signed in. */
export function sessions(holder: Holder): Promise<SessionEntry[]> {
  return get<{ sessions: SessionEntry[] }>(holder, "auth/sessions").then((found) => found.sessions);
}

/** Ends one session. */
export function endSession(holder: Holder, id: string): Promise<unknown> {
  return acting(holder, (actor) => confirmed(actor, `auth/sessions/${idPart(id)}`, { method: "DELETE" }));
}

/** Ends all sessions but this one. */
export function endOtherSessions(holder: Holder): Promise<unknown> {
  return acting(holder, (actor) => confirmed(actor, "auth/sessions", { method: "DELETE" }));
}

/** What happened to the account, newest first. @param page `after` is the `next` of the page before */
export function activity(
  holder: Holder,
  page?: { readonly after?: string; readonly limit?: number },
): Promise<AccountActivity> {
  return acting(holder, async ({ inside }) => {
    const query = new URLSearchParams(page as Record<string, string> | undefined);
    return inside.asPerson(`auth/me/activity?${query}`, { method: "GET" });
  });
}

/**
 * Proves again who is signed in. Changes of how an account is signed in to require it; without it they fail with
 * `REAUTHENTICATION_REQUIRED`.
 * @returns undefined if cancelled, or if it continues on a provider's page, where someone else may sign in
 */
export function reauthenticate(holder: Holder, proof: Proof): Promise<User | undefined> {
  return acting(holder, ({ inside }) => proveAgain(inside, proof));
}
