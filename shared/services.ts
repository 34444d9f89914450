import path from "node:path";
import { createAddresses, type Addresses } from "./addresses/addresses.ts";
import { createAddressRuleStore } from "./addresses/store.ts";
import { giveAuditId } from "./accounts/audit-ids.ts";
import { isEmail, normaliseEmail } from "./accounts/email.ts";
import { createAccountStore } from "./accounts/store.ts";
import { createAnchors, type Anchors } from "./audit/anchors/anchors.ts";
import { createAudit, type Audit } from "./audit/audit.ts";
import { createSubjects, type Subjects } from "./audit/subjects.ts";
import { createWriter } from "./audit/writer.ts";
import { createCaptcha, type Captcha } from "./captcha/captcha.ts";
import { loadProcessConfig, type Config } from "./config.ts";
import { createDevices, type Devices } from "./devices/devices.ts";
import { createBuckets } from "./limits/buckets.ts";
import type { RateCounter } from "./limits/counter.ts";
import { createDatabaseCounter } from "./limits/database-counter.ts";
import { createRedisConnection } from "./limits/redis/connection.ts";
import { createRedisCounter } from "./limits/redis/counter.ts";
import { createLimiter, type Limiter } from "./limits/limiter.ts";
import { createMail, type Mail } from "./mail/mail.ts";
import type { MailProvider } from "./mail/provider.ts";
import { createMailProvider } from "./mail/providers/providers.ts";
import { checkMail } from "./mail/delivery/standing.ts";
import { createQuotaStore, type QuotaStore } from "./mail/delivery/quota.ts";
import { createRender, type Render } from "./mail/render.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { createPasswordPolicy, type PasswordPolicy } from "./passwords/policy/policy.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { createDatabase, type Database } from "./platform/database/database.ts";
import { log } from "./platform/log.ts";
import { createQueues } from "./platform/queues/queues.ts";
import { createReadiness, type Checks } from "./platform/readiness.ts";
import { appRoot } from "./platform/root.ts";
import { ConfigError } from "./platform/settings/config-error.ts";
import { createDemands, type Demands } from "./sessions/authentication.ts";
import { createTokens, type Tokens } from "./tokens/tokens.ts";
import { createChanges, keepAlone, type Changes } from "./changes.ts";
import { createStores, type Stores } from "./stores.ts";

/** Everything that endpoints and flows use. Built once per worker; nothing connects or loads before it is used. */
export interface Services extends Stores, Changes, Demands {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  /** Whether the database, the queues and Redis answer, and how mail and anchors stand. */
  readonly checkReadiness: () => Promise<Checks>;
  readonly limiter: Limiter;
  /** Which addresses may call. */
  readonly addresses: Addresses;
  readonly passwords: Passwords;
  /** The rules for passwords that are chosen. */
  readonly passwordPolicy: PasswordPolicy;
  readonly tokens: Tokens;
  /** The captcha of the provider that is set up; undefined for none. */
  readonly captcha: Captcha | undefined;
  readonly devices: Devices;
  readonly audit: Audit;
  /** By which ids the audit log names accounts. */
  readonly subjects: Subjects;
  /** Signed heads of the audit log. */
  readonly anchors: Anchors;
  readonly mail: Mail;
  /** Makes text and HTML of a mail. */
  readonly renderMail: Render;
  /** Where mail goes. */
  readonly mailProvider: MailProvider;
  /** How many mails the provider takes. */
  readonly mailQuota: QuotaStore;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** The composition root: each concept has one factory, and gets its own settings. */
export function createServices(config: Config, clock: Clock = systemClock): Services {
  const database = openDatabase(config, clock, () => mail.putBackAtStart(clock));
  const { service, runtime } = config;
  const { queries } = database;
  const tokens = createTokens(config.tokens, { service, identity: runtime.identity, queries });
  const subjects = createSubjects(giveAuditId);
  const storesOn = createStores(config, tokens, subjects);
  const stores = storesOn(queries);
  const writer = createWriter({ subjects, addressForm, onKept: () => anchors.remind() });
  const audit = createAudit((call, events) => keepAlone({ database, writer }, call, events));
  const queues = createQueues(config.queues.connection);
  const mailQuota = createQuotaStore(queries, config.mailDelivery.quota);
  const redis = config.redis.server && createRedisConnection(config.redis.server);
  const mail = createMail({ queues, outbox: stores.outbox });
  const { keptSeconds } = config.audit;
  const anchors = createAnchors(config.anchors, { queries, queues, tokens, keptSeconds, clock });
  const passwordPolicy = createPasswordPolicy(
    config.passwords,
    [config.product.name, new URL(service.issuer).hostname],
    clock,
  );
  return {
    ...stores,
    config,
    clock,
    database,
    checkReadiness: createReadiness({
      database,
      checkTables: () => stores.accounts.check(),
      queues,
      breachedPasswords: () => passwordPolicy.breaches.standing(),
      redis,
      checkMail: () =>
        checkMail({ outbox: stores.outbox, quota: mailQuota, isConfigured: queues !== undefined }, clock.now()),
      checkAnchors: () => anchors.check(clock.now()),
    }),
    limiter: limiterOf(config, redis ? createRedisCounter(redis) : createDatabaseCounter(database)),
    addresses: createAddresses(config.addresses, createAddressRuleStore(queries)),
    passwords: createPasswords(config.passwords, { generations: stores.accounts.passwordParameters, clock }),
    passwordPolicy,
    tokens,
    captcha: createCaptcha(config.captcha.provider, { origins: config.http.allowedOrigins }),
    devices: createDevices(service.secretKey, service.previousSecretKey),
    audit,
    subjects,
    anchors,
    mail,
    renderMail: createMailRender(config),
    mailProvider: createMailProvider(config.mail, config.product),
    mailQuota,
    ...createDemands(async (accountId) => isPasskeyFactor(config) && stores.passkeys.hasAny(accountId)),
    ...createChanges({ database, stores, storesOn, mail, writer }),
    close: async () => {
      mail.close();
      anchors.close();
      redis?.close();
      await database.close();
    },
  };
}

/** Whether a passkey is a second factor that an account must show: where everybody needs one. */
const isPasskeyFactor = ({ mfa, passkeys }: Config) => mfa.isRequired && passkeys.rpId !== undefined;

/** In which form an address counts that has no account, as its account would for all spellings. What is none is as it is. */
const addressForm = (email: string) => (isEmail(email) ? normaliseEmail(email) : email.slice(0, 254));

function createMailRender({ product, service: { issuer }, oneTimeTokens }: Config): Render {
  return createRender({ product, issuer, linkSeconds: oneTimeTokens.lifetimeSeconds });
}

function limiterOf({ limits, service }: Config, counter: RateCounter): Limiter {
  return createLimiter({ policies: limits.policies, counter, bucketOf: createBuckets(service.secretKey) });
}

/** @param onFirstUse is called once, when the database first answers */
function openDatabase({ database }: Config, clock: Clock, onFirstUse: () => void): Database {
  return createDatabase({
    server: database.server,
    file: path.resolve(appRoot(), database.embeddedFile),
    migrationsFolder: path.join(appRoot(), "sql"),
    clock,
    bringUpToDate: (queries) => createAccountStore(queries).bringUpToDate(),
    onFirstUse,
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
