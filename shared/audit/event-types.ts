/** What an event of the audit log says about a call: that it did what was asked, or did not. */
export type Outcome = "success" | "failure";

/**
 * Who acts:
 * - `person`: the account's owner, signed in or with a link of theirs;
 * - `anonymous`: anyone, before it is known who that is;
 * - `client`: an OAuth client;
 * - `administrator`: an operator, or an account that may administer;
 * - `system`: the service by itself.
 */
export type ActorKind = "person" | "anonymous" | "client" | "administrator" | "system";

/**
 * How the audit log keeps a type of event as rows:
 * - `all`: each one, because only its owner, an operator or a client can cause it, or because it is an alarm;
 * - `few`: some an hour, because anyone can cause it without signing in;
 * - `none`: a log line alone, for the reason that stands beside it.
 */
export type Keeping = "all" | "few" | "none";

interface EventType {
  readonly outcome: Outcome;
  readonly actor: ActorKind;
  readonly kept: Keeping;
  /** Whether a person on call wants to see it: its log line is a warning. */
  readonly isAlarming?: true;
  /**
   * Whether no account's activity shows it: it happens to a client, to nobody or to an account that
   * is gone, or another event that is shown says the same.
   */
  readonly isUnshown?: true;
}

/** What happened, in the words that dashboards and alerts use: a line for each type. */
export const eventTypes = {
  "account.registered": { outcome: "success", actor: "person", kept: "all" },
  "registration.requested": { outcome: "success", actor: "anonymous", kept: "few", isUnshown: true },
  "registration.refused": { outcome: "failure", actor: "anonymous", kept: "few", isUnshown: true },
  "verification.requested": { outcome: "success", actor: "anonymous", kept: "few" },
  "verification.refused": { outcome: "failure", actor: "anonymous", kept: "few" },
  "password.reset_requested": { outcome: "success", actor: "anonymous", kept: "few" },
  "password.reset_refused": { outcome: "failure", actor: "anonymous", kept: "few" },
  "password.reset": { outcome: "success", actor: "person", kept: "all" },
  "password.changed": { outcome: "success", actor: "person", kept: "all" },
  "password.change_refused": { outcome: "failure", actor: "person", kept: "few" },
  "sign_in.succeeded": { outcome: "success", actor: "person", kept: "all" },
  "sign_in.failed": { outcome: "failure", actor: "anonymous", kept: "few" },
  "sign_in.closed": { outcome: "failure", actor: "system", kept: "few" },
  "sign_in.stuffing_detected": { outcome: "failure", actor: "system", kept: "all", isAlarming: true, isUnshown: true },
  // The first factor was right. Whoever has shown it has nothing yet.
  "mfa.required": { outcome: "success", actor: "anonymous", kept: "few" },
  "mfa.code_mailed": { outcome: "success", actor: "anonymous", kept: "few" },
  "mfa.failed": { outcome: "failure", actor: "anonymous", kept: "few" },
  // The sign-in that it completes is shown.
  "mfa.succeeded": { outcome: "success", actor: "person", kept: "all", isUnshown: true },
  "factor.added": { outcome: "success", actor: "person", kept: "few" },
  "factor.confirmed": { outcome: "success", actor: "person", kept: "all" },
  "factor.renamed": { outcome: "success", actor: "person", kept: "few" },
  "factor.removed": { outcome: "success", actor: "person", kept: "all" },
  "factor.refused": { outcome: "failure", actor: "person", kept: "few" },
  "recovery_codes.made": { outcome: "success", actor: "person", kept: "all" },
  "recovery_code.used": { outcome: "success", actor: "person", kept: "all" },
  "passkey.added": { outcome: "success", actor: "person", kept: "all" },
  "passkey.renamed": { outcome: "success", actor: "person", kept: "few" },
  "passkey.removed": { outcome: "success", actor: "person", kept: "all" },
  "passkey.refused": { outcome: "failure", actor: "person", kept: "few" },
  // There may be two authenticators with this key. Only who has one can cause it.
  "passkey.count_reversed": { outcome: "failure", actor: "anonymous", kept: "all", isAlarming: true },
  "remembered_device.added": { outcome: "success", actor: "person", kept: "all" },
  "remembered_device.removed": { outcome: "success", actor: "person", kept: "all" },
  "identity.linked": { outcome: "success", actor: "person", kept: "all" },
  "identity.unlinked": { outcome: "success", actor: "person", kept: "all" },
  "identity.refused": { outcome: "failure", actor: "person", kept: "few" },
  "account.address_proven": { outcome: "success", actor: "person", kept: "all" },
  "account.profile_changed": { outcome: "success", actor: "person", kept: "all" },
  "account.profile_change_refused": { outcome: "failure", actor: "person", kept: "few" },
  "account.email_change_requested": { outcome: "success", actor: "person", kept: "all" },
  "account.email_change_refused": { outcome: "failure", actor: "person", kept: "few" },
  "account.email_changed": { outcome: "success", actor: "person", kept: "all" },
  "account.email_change_undone": { outcome: "success", actor: "person", kept: "all" },
  "account.exported": { outcome: "success", actor: "person", kept: "all" },
  "account.export_refused": { outcome: "failure", actor: "person", kept: "few" },
  "account.deletion_requested": { outcome: "success", actor: "person", kept: "all" },
  "account.deletion_refused": { outcome: "failure", actor: "person", kept: "few" },
  "account.deletion_cancelled": { outcome: "success", actor: "person", kept: "all" },
  "account.deletion_cancel_failed": { outcome: "failure", actor: "anonymous", kept: "few" },
  "account.erased": { outcome: "success", actor: "system", kept: "all", isUnshown: true },
  // Every few minutes for each session; the session itself says when it was last used.
  "session.refreshed": { outcome: "success", actor: "person", kept: "none" },
  "session.reauthenticated": { outcome: "success", actor: "person", kept: "all" },
  "session.reauthentication_failed": { outcome: "failure", actor: "person", kept: "few" },
  // The end of the session that it comes too late for is shown.
  "session.refresh_refused": { outcome: "failure", actor: "anonymous", kept: "few", isUnshown: true },
  "session.reuse_detected": { outcome: "failure", actor: "anonymous", kept: "all", isAlarming: true },
  "session.repeat_suspicious": { outcome: "failure", actor: "anonymous", kept: "all", isAlarming: true },
  "session.ended": { outcome: "success", actor: "person", kept: "all" },
  "session.end_refused": { outcome: "failure", actor: "person", kept: "few" },
  // Anyone can send such calls, and each changes nothing: their lines are enough.
  "access_token.refused": { outcome: "failure", actor: "anonymous", kept: "none" },
  "origin.refused": { outcome: "failure", actor: "anonymous", kept: "none" },
  // What a limit or a rule about addresses refuses must cost nothing: it has a line when it begins, and one with the
  // count when it ends.
  "limit.exceeded": { outcome: "failure", actor: "anonymous", kept: "none" },
  "address.refused": { outcome: "failure", actor: "anonymous", kept: "none" },
  "client.refused": { outcome: "failure", actor: "anonymous", kept: "few", isUnshown: true },
  "client.token_issued": { outcome: "success", actor: "client", kept: "all", isUnshown: true },
  "client.token_revoked": { outcome: "success", actor: "client", kept: "all", isUnshown: true },
  "client.created": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "client.secret_rotated": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "client.disabled": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "address_rule.made": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "address_rule.removed": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "key.published": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "key.promoted": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "key.revoked": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  "key.removed": { outcome: "success", actor: "system", kept: "all", isUnshown: true },
  "mail.put_back": { outcome: "success", actor: "administrator", kept: "all", isUnshown: true },
  // Written before the events are removed, so that a chain that ends early for another reason is found.
  "audit.pruned": { outcome: "success", actor: "system", kept: "all", isUnshown: true },
  "audit.left_out": { outcome: "failure", actor: "system", kept: "all", isUnshown: true },
} as const satisfies Record<string, EventType>;

export type AuditEventType = keyof typeof eventTypes;

/** What is said about a type of event. */
export function eventTypeOf(type: AuditEventType): EventType {
  return eventTypes[type];
}

const typesWhere = (fits: (type: EventType) => boolean): readonly AuditEventType[] =>
  (Object.keys(eventTypes) as AuditEventType[]).filter((type) => fits(eventTypes[type]));

/** The types of events that an account's activity shows: pages have a text for each. */
export const keptTypes = typesWhere(({ kept, isUnshown }) => kept !== "none" && !isUnshown);

/** The types of events that are kept as rows. */
export const keptRowTypes = typesWhere(({ kept }) => kept !== "none");

/** The types of events that anyone can cause. */
export const typesThatAnyoneCauses = typesWhere(({ kept }) => kept === "few");
