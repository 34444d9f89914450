// @latchkey/client/mfa: second factors, when somebody signs in and on the page where people look after them.
import type { Enrolment, Factors, User } from "./api.ts";
import { ifAllowed, LatchkeyError } from "./errors.ts";
import { acting, confirmed, type Holder } from "./acting.ts";
import type { ShownFactor } from "./proof.ts";
import { idPart, type Call } from "./service.ts";

export type { Enrolment, Factors, ShownFactor };

/** A second factor that an account can show. */
export type SecondFactor = ShownFactor["method"];

/** A sign-in whose first factor was right, and that waits for a second one. */
export interface SecondFactorDue {
  /** What the account can show, or with `isEnrolment` what may be added. */
  readonly methods: readonly SecondFactor[];
  /** Whether the account must add a factor first: with `enrol`, not with `verify`. */
  readonly isEnrolment: boolean;
  /** What the next calls send along; nothing where a cookie carries it. A secret. */
  readonly ticket: { readonly mfa_token?: string; readonly device_id?: string };
}

/** What came of a first factor: somebody is signed in, or a second factor is due, or the person has given up. */
export interface Outcome {
  readonly user?: User | undefined;
  readonly due?: SecondFactorDue | undefined;
}

/**
 * The second factor that a sign-in waits for; undefined for any other error.
 * @param error of whatever signs in: `login`, `signInWith`, a `refresh` behind a provider's answer, `signInWithPasskey`
 */
export function secondFactorDue(error: unknown): SecondFactorDue | undefined {
  if (!(error instanceof LatchkeyError) || error.code !== "MFA_REQUIRED") return undefined;
  const { methods, mfa_enrolment_required: isEnrolment, mfa_token: token, device_id: device } = error.details;
  const ticket = { mfa_token: token, ...(device !== undefined && { device_id: device }) };
  return { methods, isEnrolment: Boolean(isEnrolment), ticket } as SecondFactorDue;
}

/** Takes a second factor that is due for an outcome, not for an error. @param signingIn `login(…)`, for example */
export async function outcomeOf(signingIn: Promise<User | undefined>): Promise<Outcome> {
  try {
    return { user: await signingIn };
  } catch (error) {
    const due = secondFactorDue(error);
    if (!due) throw error;
    return { due };
  }
}

/**
 * The second factor that a sign-in at a provider waits for, which has led the browser to this page. Reported once: the
 * address says it no longer. Ask before `refresh`, and show it unless that finds somebody.
 */
export function secondFactorAtOpening(): SecondFactorDue | undefined {
  return ifAllowed(() => {
    const url = new URL(location.href);
    const [shown, added] = ["mfa_required", "mfa_enrolment_required"].map((name) => {
      const said = url.searchParams.get(name);
      url.searchParams.delete(name);
      return said;
    });
    const said = shown ?? added;
    if (!said) return undefined;
    history.replaceState(history.state, "", url);
    return { methods: said.split(" ") as SecondFactor[], isEnrolment: !shown, ticket: {} };
  });
}

/**
 * Completes a sign-in. @param shown what the person shows; with `remember`, this device needs no second factor for a
 * while
 * @throws LatchkeyError by rejecting: MFA_CODE_INVALID, ask again; MFA_TOKEN_INVALID, the sign-in begins anew
 */
export function verify(
  client: Holder,
  due: SecondFactorDue,
  shown: ShownFactor & { readonly remember?: boolean },
): Promise<User> {
  return acting(client, async ({ inside }) => inside.signIn("auth/mfa/verify", { ...due.ticket, ...shown }));
}

/** Mails a code for a sign-in whose `methods` have `email`. A new one ends the one before. */
export function mailCode(client: Holder, due: SecondFactorDue): Promise<unknown> {
  return acting(client, async ({ inside }) => inside.service("auth/mfa/email", { body: due.ticket }));
}

/** Begins to add the app that a sign-in waits for. @returns what the person's app must be told, once */
export function enrol(client: Holder, due: SecondFactorDue, app?: { readonly name?: string }): Promise<Enrolment> {
  return acting(client, async ({ inside }) =>
    inside.service("auth/mfa/enrolment", { body: { ...due.ticket, ...app } }),
  );
}

/** Confirms that app by its first code, and completes the sign-in. */
export function completeEnrolment(
  client: Holder,
  due: SecondFactorDue,
  first: { readonly id: string; readonly code: string },
): Promise<User> {
  return acting(client, async ({ inside }) =>
    inside.signIn(`auth/mfa/enrolment/${idPart(first.id)}/confirm`, { ...due.ticket, code: first.code }),
  );
}

/** The account's second factors, and the devices that need none for a while. */
export function factors(holder: Holder): Promise<Factors> {
  return acting(holder, ({ inside }) => inside.asPerson("auth/mfa", { method: "GET" }));
}

/** Changes something of the factors. @param path below theirs */
const change = <T = Factors>(holder: Holder, path: readonly string[], call?: Call): Promise<T> =>
  acting(holder, async (actor) => confirmed<T>(actor, ["auth/mfa", ...path.map(idPart)].join("/"), call));

/** Begins to add an authenticator app; `confirmTotp` adds it. @returns what the app must be told, once */
export function addTotp(holder: Holder, app: { readonly name?: string } = {}): Promise<Enrolment> {
  return change(holder, ["totp"], { body: app });
}

/** Adds an app by its first code. This session then counts as signed in with two factors. */
export function confirmTotp(holder: Holder, id: string, code: string): Promise<Factors> {
  return acting(holder, async (actor) => {
    const found = await confirmed<Factors>(actor, `auth/mfa/totp/${idPart(id)}/confirm`, { body: { code } });
    // The next token says so. If it cannot be had now, the one after does.
    await actor.inside.keeper.refresh().catch(() => undefined);
    return found;
  });
}

/** Names an app; `null` takes its name away. */
export function renameTotp(holder: Holder, id: string, name: string | null): Promise<Factors> {
  return change(holder, ["totp", id], { method: "PATCH", body: { name } });
}

/** Removes an app, and ends the account's other sessions. With the last factor the recovery codes end. */
export function removeTotp(holder: Holder, id: string): Promise<Factors> {
  return change(holder, ["totp", id], { method: "DELETE" });
}

/** Makes new recovery codes, and ends those before. @returns the codes, which nothing tells again */
export function makeRecoveryCodes(holder: Holder): Promise<string[]> {
  return change<{ codes: string[] }>(holder, ["recovery-codes"]).then(({ codes }) => codes);
}

/** Has a remembered device show a second factor again. */
export function forgetDevice(holder: Holder, id: string): Promise<Factors> {
  return change(holder, ["remembered-devices", id], { method: "DELETE" });
}

/** Has all remembered devices show a second factor again. */
export function forgetDevices(holder: Holder): Promise<Factors> {
  return change(holder, ["remembered-devices"], { method: "DELETE" });
}
