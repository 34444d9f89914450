import path from "node:path";
import { createAccountStore } from "./accounts/store.ts";
import { createActivityStore } from "./audit/activity.ts";
import { createSlots } from "./audit/slots.ts";
import { createChanges, type Changes, type Recorders } from "./changes.ts";
import { createClients } from "./clients/clients.ts";
import { loadProcessConfig, type Config } from "./config.ts";
import { createIdentityStore } from "./identities/store.ts";
import { createMail, type Mail } from "./mail/mail.ts";
import { createMailboxStore } from "./mail/mailbox-store.ts";
import { createMailSeal, createOutbox } from "./mail/outbox.ts";
import { createOneTimeTokens } from "./one-time-tokens/store.ts";
import type { MailProvider } from "./mail/provider.ts";
import { createMailProvider } from "./mail/providers/providers.ts";
import { createRender, type Render } from "./mail/render.ts";
import { createSuppressionStore } from "./mail/suppressions.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { createDatabase, type Database, type Queries } from "./platform/database/database.ts";
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
export interface Transaction extends Stores, Recorders {}

/** Everything that endpoints and flows use. Built once per worker; nothing connects or loads before it is used. */
export interface Services extends Stores, Changes<Stores> {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  /** Whether the database and the queues answer. */
  readonly checkReadiness: () => Promise<Checks>;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly mail: Mail;
  /** Makes text and HTML of a mail. */
  readonly renderMail: Render;
  /** Where mail goes. */
  readonly mailProvider: MailProvider;
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
  });
  const { service, runtime } = config;
  const { queries } = database;
  const tokens = createTokens(config.tokens, { service, identity: runtime.identity, queries });
  const storesOn = createStores(config, tokens);
  const stores = storesOn(queries);
  const { accounts } = stores;
  const queues = createQueues(config.queues.connection);
  const mail = createMail(queues);
  return {
    ...stores,
    config,
    clock,
    database,
    checkReadiness: createReadiness({ database, checkTables: () => accounts.check(), queues }),
    passwords: createPasswords(config.passwords, { generations: accounts.passwordParameters, clock }),
    tokens,
    mail,
    renderMail: createRender({ product: config.product, issuer: service.issuer, linkSeconds: 30 * 60 }),
    mailProvider: createMailProvider(config.mail, config.product),
    ...createChanges({ database, stores, storesOn, mail }),
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
  const slotOf = createSlots(service.secretKey);
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
    activity: createActivityStore(queries, slotOf),
    mailbox: createMailboxStore(queries, mailSeal),
    suppressions: createSuppressionStore(queries),
  });
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
