import { createAccountStore } from "./accounts/store.ts";
import { createActivityStore } from "./audit/activity.ts";
import type { Subjects } from "./audit/subjects.ts";
import { type TransactionAudit } from "./audit/trail.ts";
import { createClients } from "./clients/clients.ts";
import { type Config } from "./config.ts";
import { createIdentityStore } from "./identities/store.ts";
import { createRateLimitStore } from "./limits/database-counter.ts";
import { createMailboxStore } from "./mail/mailbox-store.ts";
import type { OutgoingMail } from "./mail/message.ts";
import { createMailSeal, createOutbox } from "./mail/outbox.ts";
import { createMfa } from "./mfa/store.ts";
import { createOneTimeTokens } from "./one-time-tokens/store.ts";
import { createSuppressionStore } from "./mail/delivery/suppressions.ts";
import { createPasskeys } from "./passkeys/store.ts";
import { type Queries } from "./platform/database/database.ts";
import { createSessions } from "./sessions/sessions.ts";
import { createSignInFailures } from "./sign-in-failures/store.ts";
import { createSocial } from "./social/social.ts";
import { statusIndexKeptSeconds } from "./tokens/status/status-tokens.ts";
import { type Tokens } from "./tokens/tokens.ts";

/** The stores whose writes may belong to one transaction. */
export type Stores = Readonly<ReturnType<ReturnType<typeof createStores>>>;

/** What a transaction can use. */
export interface Transaction extends Stores {
  readonly audit: TransactionAudit;
  readonly mail: {
    /** Writes a mail, which is sent after the commit; an id once only. @param mail with an id made outside */
    post(mail: OutgoingMail, now: Date): Promise<void>;
  };
}

/** The stores of a transaction: one line per concept whose writes may belong together. */
export function createStores(
  { service, sessions, social, oneTimeTokens, signInFailures }: Config,
  tokens: Tokens,
  subjects: Subjects,
) {
  const limits = {
    ...sessions,
    statusIndexKeptSeconds: (now: Date) => statusIndexKeptSeconds(tokens.keys.longestKnownTokenSeconds(now)),
  };
  const sessionsOn = createSessions(limits, service.secretKey);
  const socialOn = createSocial(social, service.secretKey);
  const mailSeal = createMailSeal(service.secretKey, service.previousSecretKey);
  const oneTimeTokensOn = createOneTimeTokens(oneTimeTokens, service);
  const mfaOn = createMfa(service);
  const passkeysOn = createPasskeys(service);
  const signInFailuresOn = createSignInFailures(signInFailures, service.secretKey);
  return (queries: Queries) => {
    const watched = subjects.watching(queries);
    return {
      accounts: createAccountStore(watched),
      identities: createIdentityStore(queries),
      sessions: sessionsOn(watched),
      social: socialOn(queries),
      oneTimeTokens: oneTimeTokensOn(queries),
      clients: createClients(queries),
      outbox: createOutbox(queries, mailSeal),
      mailbox: createMailboxStore(queries, mailSeal),
      suppressions: createSuppressionStore(queries),
      rateLimits: createRateLimitStore(queries),
      activity: createActivityStore(queries, subjects),
      signInFailures: signInFailuresOn(queries),
      mfa: mfaOn(queries),
      passkeys: passkeysOn(queries),
    };
  };
}
