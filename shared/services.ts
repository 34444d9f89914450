import path from "node:path";
import { createAccountStore } from "./accounts/store.ts";
import { createAudit, type Audit, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { createTrail, type TransactionAudit } from "./audit/trail.ts";
import { createClients } from "./clients/clients.ts";
import { loadProcessConfig, type Config } from "./config.ts";
import { createIdentityStore } from "./identities/store.ts";
import { createMail, type Mail } from "./mail/mail.ts";
import { createMailboxStore } from "./mail/mailbox-store.ts";
import type { OutgoingMail } from "./mail/message.ts";
import { createMailSeal, createOutbox } from "./mail/outbox.ts";
import type { MailProvider } from "./mail/provider.ts";
import { createMailProvider } from "./mail/providers/providers.ts";
import { checkMail } from "./mail/delivery/standing.ts";
import { createQuotaStore, type QuotaStore } from "./mail/delivery/quota.ts";
import { createRender, type Render } from "./mail/render.ts";
import { createSuppressionStore } from "./mail/delivery/suppressions.ts";
import { createOneTimeTokens } from "./one-time-tokens/store.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { createDatabase, type Database, type Queries, type TransactionOptions } from "./platform/database/database.ts";
import { log } from "./platform/log.ts";
import { createQueues } from "./platform/queues/queues.ts";
import { createReadiness, type Checks } from "./platform/readiness.ts";
import { appRoot } from "./platform/root.ts";
import { ConfigError } from "./platform/settings/config-error.ts";
import { createSessions } from "./sessions/sessions.ts";
import { createSocial } from "./social/social.ts";
import { statusIndexKeptSeconds } from "./tokens/status/status-tokens.ts";
import { createTokens, type Tokens } from "./tokens/tokens.ts";

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

/** Everything that endpoints and flows use. Built once per worker; nothing connects or loads before it is used. */
export interface Services extends Stores {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  /** Whether the database and the queues answer. */
  readonly checkReadiness: () => Promise<Checks>;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly mail: Mail;
  /** Makes text and HTML of a mail. */
  readonly renderMail: Render;
  /** Where mail goes. */
  readonly mailProvider: MailProvider;
  /** How many mails the provider takes. */
  readonly mailQuota: QuotaStore;
  /**
   * Runs `work` in one transaction of a call. To keep a change although the answer is an error, return the outcome and
   * throw afterwards. Inside, use only `tx`: the services' own stores would wait for this transaction to end.
   */
  transaction<T>(call: AuditedCall, work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Makes a change that is a single statement, and records it. A plain event is recorded if the change took effect,
   * that is unless `work` returns undefined or false; it is known before the statement is sent, so once events have a
   * table its row can travel along. Events that depend on the result will then need a message of their own.
   */
  change<T>(
    call: AuditedCall,
    work: (stores: Stores) => Promise<T>,
    recorded: AuditEvent | ((result: T) => readonly AuditEvent[]),
  ): Promise<T>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** The composition root: each concept has one factory, and gets its own settings. */
export function createServices(config: Config, clock: Clock = systemClock): Services {
  const database = createDatabase({
    server: config.database.server,
    file: path.resolve(appRoot(), config.database.embeddedFile),
    migrationsFolder: path.join(appRoot(), "sql"),
    clock,
    bringUpToDate: (queries) => createAccountStore(queries).bringUpToDate(),
    onFirstUse: () => mail.putBackAtStart(clock.now()),
  });
  const { service, runtime } = config;
  const { queries } = database;
  const tokens = createTokens(config.tokens, { service, identity: runtime.identity, queries });
  const storesOn = createStores(config, tokens);
  const stores = storesOn(queries);
  const { accounts } = stores;
  const audit = createAudit();
  const queues = createQueues(config.queues.connection);
  const mailQuota = createQuotaStore(queries, config.mailDelivery.quota);
  const mail = createMail({ queues, outbox: stores.outbox });
  return {
    ...stores,
    config,
    clock,
    database,
    checkReadiness: createReadiness({
      database,
      checkTables: () => accounts.check(),
      queues,
      checkMail: () =>
        checkMail({ outbox: stores.outbox, quota: mailQuota, isConfigured: queues !== undefined }, clock.now()),
    }),
    passwords: createPasswords(config.passwords, { generations: accounts.passwordParameters, clock }),
    tokens,
    audit,
    mail,
    renderMail: createRender({
      product: config.product,
      issuer: service.issuer,
      linkSeconds: config.oneTimeTokens.lifetimeSeconds,
    }),
    mailProvider: createMailProvider(config.mail, config.product),
    mailQuota,
    ...createChanges({ database, stores, storesOn, audit, mail }),
    close: async () => {
      mail.close();
      await database.close();
    },
  };
}

/** The stores of a transaction: one line per concept whose writes may belong together. */
function createStores({ service, sessions, social, oneTimeTokens }: Config, tokens: Tokens) {
  const limits = {
    ...sessions,
    statusIndexKeptSeconds: (now: Date) => statusIndexKeptSeconds(tokens.keys.longestKnownTokenSeconds(now)),
  };
  const sessionsOn = createSessions(limits, service.secretKey);
  const socialOn = createSocial(social, service.secretKey);
  const mailSeal = createMailSeal(service.secretKey, service.previousSecretKey);
  const oneTimeTokensOn = createOneTimeTokens(oneTimeTokens, service);
  return (queries: Queries) => ({
    accounts: createAccountStore(queries),
    identities: createIdentityStore(queries),
    sessions: sessionsOn(queries),
    social: socialOn(queries),
    oneTimeTokens: oneTimeTokensOn(queries),
    clients: createClients(queries),
    outbox: createOutbox(queries, mailSeal),
    mailbox: createMailboxStore(queries, mailSeal),
    suppressions: createSuppressionStore(queries),
  });
}

interface Recording {
  readonly database: Database;
  readonly stores: Stores;
  readonly storesOn: (queries: Queries) => Stores;
  readonly audit: Audit;
  readonly mail: Mail;
}

/** The two ways to change something; both record it. */
function createChanges({
  database,
  stores,
  storesOn,
  audit,
  mail,
}: Recording): Pick<Services, "transaction" | "change"> {
  return {
    async transaction(call, work, options) {
      const trail = createTrail();
      let posted: string[] = [];
      const result = await database.transaction((queries, run) => {
        const ids: string[] = (posted = []);
        const tx = storesOn(queries);
        const post = (letter: OutgoingMail, now: Date) => {
          ids.push(letter.id);
          return tx.outbox.add(letter, now);
        };
        return work({ ...tx, audit: trail.startRun(run), mail: { post } });
      }, options);
      await audit.record(call, ...trail.events());
      await mail.hurry(posted);
      return result;
    },
    async change(call, work, recorded) {
      const result = await work(stores);
      if (typeof recorded === "function") await audit.record(call, ...recorded(result));
      else if (result !== undefined && result !== false) await audit.record(call, recorded);
      return result;
    },
  };
}

let current: Services | undefined;
/** Settings do not change during a process: they are read once, right or wrong. */
let refusal: ConfigError | undefined;

/** This worker's services, built at the first call. @throws ConfigError at every call, if the settings are wrong */
export function services(): Services {
  if (current) return current;
  if (refusal) throw refusal;
  try {
    const config = loadProcessConfig();
    if (config.warnings.length > 0) log("warn", "service.doubtful_settings", { message: config.warnings.join("; ") });
    return (current = createServices(config));
  } catch (error) {
    if (error instanceof ConfigError) refusal = error;
    throw error;
  }
}

/** Replaces the services, for hosts and tests with their own settings or clock. */
export function provideServices(replacement: Services): void {
  current = replacement;
}
