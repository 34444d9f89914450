import path from "node:path";
import { createAccountStore } from "./accounts/store.ts";
import { createActivityStore } from "./audit/activity.ts";
import { createAudit, writeLines, type Audit, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { entriesOf, keepingOf, type Entry } from "./audit/keeping.ts";
import { createSlots } from "./audit/slots.ts";
import { createTrail, type Keep, type TransactionAudit } from "./audit/trail.ts";
import { createClients } from "./clients/clients.ts";
import { loadProcessConfig, type Config } from "./config.ts";
import { createIdentityStore } from "./identities/store.ts";
import { createMail, type Mail } from "./mail/mail.ts";
import type { OutgoingMail } from "./mail/message.ts";
import { createMailSeal, createOutbox } from "./mail/outbox.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { newId } from "./platform/crypto/random.ts";
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
  /**
   * Runs `work` in one transaction of a call. To keep a change although the answer is an error, return the outcome and
   * throw afterwards. Inside, use only `tx`: the services' own stores would wait for this transaction to end.
   */
  transaction<T>(call: AuditedCall, work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Makes a change that is a single statement, repeatable, and records it. A plain event is recorded if the change took
   * effect, that is unless `work` returns undefined or false. If the lines depend on the result, `kept` says beforehand
   * what the account's activity shows: its rows travel with the statement.
   */
  change<T>(call: AuditedCall, work: (stores: Stores) => Promise<T>, recorded: AuditEvent | Found<T>): Promise<T>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** What a change is recorded as, if that depends on its result. */
export interface Found<T> {
  readonly kept: readonly AuditEvent[];
  readonly lines: (result: T) => readonly AuditEvent[];
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
  const audit = createAudit((call, events) => keepAlone({ database, storesOn }, call, events));
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
    audit,
    mail,
    ...createChanges({ database, stores, storesOn, mail }),
    close: () => database.close(),
  };
}

/** The stores of a transaction: one line per concept whose writes may belong together. */
function createStores({ service, sessions, social }: Config, tokens: Tokens) {
  const limits = {
    ...sessions,
    statusIndexKeptSeconds: (now: Date) => statusIndexKeptSeconds(tokens.keys.longestKnownTokenSeconds(now)),
  };
  const sessionsOn = createSessions(limits, service.secretKey);
  const socialOn = createSocial(social, service.secretKey);
  const slotOf = createSlots(service.secretKey);
  const mailSeal = createMailSeal(service.secretKey, service.previousSecretKey);
  return (queries: Queries) => ({
    accounts: createAccountStore(queries),
    identities: createIdentityStore(queries),
    sessions: sessionsOn(queries),
    social: socialOn(queries),
    clients: createClients(queries),
    outbox: createOutbox(queries, mailSeal),
    activity: createActivityStore(queries, slotOf),
  });
}

interface Recording {
  readonly database: Database;
  readonly stores: Stores;
  readonly storesOn: (queries: Queries) => Stores;
  readonly mail: Mail;
}

/** The two ways to change something; both record it. */
function createChanges(recording: Recording): Pick<Services, "transaction" | "change"> {
  const { database, stores, storesOn, mail } = recording;
  const transaction: Services["transaction"] = async (call, work, options) => {
    const trail = createTrail(() => newId(call.now));
    let posted: string[] = [];
    const result = await database.transaction((queries, run) => {
      const ids: string[] = (posted = []);
      const tx = storesOn(queries);
      const post = (letter: OutgoingMail, now: Date) => {
        ids.push(letter.id);
        return tx.outbox.add(letter, now);
      };
      const keep: Keep = (events, eventIds) => tx.activity.add(call, entriesOf(events, eventIds));
      return work({ ...tx, audit: trail.startRun(run, keep), mail: { post } });
    }, options);
    writeLines(call, trail.events());
    await mail.hurry(posted);
    return result;
  };
  return {
    transaction,
    async change(call, work, recorded) {
      if ("lines" in recorded) {
        const result = await keepAlong(recording, { call, work, kept: recorded.kept });
        writeLines(call, recorded.lines(result));
        return result;
      }
      const tookEffect = (result: unknown) => result !== undefined && result !== false;
      if (keepingOf(recorded) === "none") {
        const result = await work(stores);
        if (tookEffect(result)) writeLines(call, [recorded]);
        return result;
      }
      const recordIfChanged = async (tx: Transaction) => {
        const result = await work(tx);
        if (tookEffect(result)) await tx.audit.append(recorded);
        return result;
      };
      return transaction(call, recordIfChanged, { isRepeatable: true });
    },
  };
}

/** Makes a change together with the rows of what it will have been. */
function keepAlong<T>(
  { database, stores, storesOn }: Recording,
  { call, work, kept }: { call: AuditedCall; work: (stores: Stores) => Promise<T>; kept: readonly AuditEvent[] },
): Promise<T> {
  const entries = newEntries(call, kept);
  if (entries.length === 0) return work(stores);
  return database.transaction(
    async (queries) => {
      const tx = storesOn(queries);
      await tx.activity.add(call, entries);
      return work(tx);
    },
    { isRepeatable: true },
  );
}

/** Adds the rows of events that change nothing else, in one message. */
async function keepAlone(
  { database, storesOn }: Pick<Recording, "database" | "storesOn">,
  call: AuditedCall,
  events: readonly AuditEvent[],
): Promise<void> {
  const entries = newEntries(call, events);
  if (entries.length === 0) return;
  const keep = (queries: Queries) => storesOn(queries).activity.add(call, entries);
  await database.transaction(keep, { isRepeatable: true });
}

function newEntries({ now }: AuditedCall, events: readonly AuditEvent[]): Entry[] {
  return entriesOf(
    events,
    events.map(() => newId(now)),
  );
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
