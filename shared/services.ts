import path from "node:path";
import { createAccountStore, type AccountStore } from "./accounts/store.ts";
import { createAudit, type Audit, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { createTrail, type TransactionAudit } from "./audit/trail.ts";
import { createClientStore, type ClientStore } from "./clients/store.ts";
import { createClientTokenStore, type ClientTokenStore } from "./clients/token-store.ts";
import { createIdentityStore, type IdentityStore } from "./identities/store.ts";
import { createAttempts, type Attempts } from "./social/attempts.ts";
import { createProviders, type Providers } from "./social/providers.ts";
import { createUsedStateStore, type UsedStateStore } from "./social/store.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { loadProcessConfig, type Config } from "./config.ts";
import { ConfigError } from "./platform/settings/config-error.ts";
import { createDatabase, type Database, type Queries, type TransactionOptions } from "./platform/database/database.ts";
import { log } from "./platform/log.ts";
import { createQueues } from "./platform/queues/queues.ts";
import { createReadiness, type Checks } from "./platform/readiness.ts";
import { appRoot } from "./platform/root.ts";
import { createPresent, type Present } from "./sessions/refresh-token.ts";
import { createSessionStore, type SessionStore } from "./sessions/store.ts";
import { createUseMarks } from "./sessions/use-source.ts";
import { createAccessTokens, type AccessTokens } from "./tokens/access-tokens.ts";
import { createDatabaseKeyStore, keySealPurpose } from "./tokens/database-key-store.ts";
import type { KeyStore } from "./tokens/key-store.ts";
import { createKeyRotation, type KeyRotation } from "./tokens/key-rotation.ts";
import { createSeal } from "./platform/crypto/seal.ts";
import { createSharedKey, createSigningKeys, type SigningKeys } from "./tokens/signing-keys.ts";
import { createServerMetadata, type ServerMetadata } from "./tokens/server-metadata.ts";
import { createStatusTokens, placeKeptSeconds, type StatusTokens } from "./tokens/status-tokens.ts";
import { createSigningKeyQueries } from "./tokens/signing-key-queries.ts";
import { openVaultKey } from "./tokens/vault.ts";
import { createVaultKeyStore } from "./tokens/vault-key-store.ts";

/** The stores whose writes may belong together. */
export interface Stores {
  readonly accounts: AccountStore;
  readonly identities: IdentityStore;
  readonly sessions: SessionStore;
  readonly usedStates: UsedStateStore;
  readonly clients: ClientStore;
  readonly clientTokens: ClientTokenStore;
}

/** What a transaction reaches. */
export interface Transaction extends Stores {
  readonly audit: TransactionAudit;
}

/** Everything that an endpoint composes. Built once per worker; nothing connects or loads before it is used. */
export interface Services extends Stores {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  /** Whether the database and the queues answer. */
  readonly checkReadiness: () => Promise<Checks>;
  readonly passwords: Passwords;
  /** The social providers that are set up. */
  readonly providers: Providers;
  /** Sign-ins that are under way at one of them. */
  readonly attempts: Attempts;
  readonly signingKeys: SigningKeys;
  /** Undefined with `ALGORITHM=HS256`, which has no keys of its own. */
  readonly keyRotation: KeyRotation | undefined;
  readonly accessTokens: AccessTokens;
  /** Undefined with `ALGORITHM=HS256`: no gateway could verify it. */
  readonly statusTokens: StatusTokens | undefined;
  readonly serverMetadata: ServerMetadata;
  readonly audit: Audit;
  /** A refresh token as the store takes it, with its successor. */
  readonly present: Present;
  /**
   * Runs `work` in one transaction of a call. What is to be kept although the answer is an error is returned, and thrown
   * after it. Inside, use only `tx`: the services' own stores would wait for this transaction to end.
   */
  transaction<T>(call: AuditedCall, work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Makes a change that is one statement, and records it. An event that is given as it is counts if the change took effect,
   * which is when `work` gives neither undefined nor false: it is known before the statement is sent, so that its row can
   * travel with it once events have a table. Events that only the result can tell will cost a message of their own then.
   */
  change<T>(
    call: AuditedCall,
    work: (stores: Stores) => Promise<T>,
    recorded: AuditEvent | ((result: T) => readonly AuditEvent[]),
  ): Promise<T>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** The composition root. */
export function createServices(config: Config, clock: Clock = systemClock): Services {
  const database = createDatabase({
    server: config.database.server,
    file: path.resolve(appRoot(), config.database.embeddedFile),
    migrationsFolder: path.join(appRoot(), "sql"),
    clock,
    bringUpToDate: (queries) => createAccountStore(queries).bringUpToDate(),
  });
  const { signingKeys, keyRotation } = createKeys(config, database);
  const sessionLimits = {
    ...config.sessions,
    placeKeptSeconds: (now: Date) => placeKeptSeconds(signingKeys.longestKnownTokenSeconds(now)),
  };
  const storesOn = (queries: Queries): Stores => ({
    accounts: createAccountStore(queries),
    identities: createIdentityStore(queries),
    sessions: createSessionStore(queries, sessionLimits),
    usedStates: createUsedStateStore(queries),
    clients: createClientStore(queries),
    clientTokens: createClientTokenStore(queries),
  });
  const stores = storesOn(database.queries);
  const { tokens } = config;
  const { issuer } = config.service;
  const statusListsUri = tokens.algorithm === "HS256" ? undefined : `${issuer}/.well-known/token-status`;
  const audit = createAudit();
  const checkTables = () => stores.accounts.check();
  return {
    ...stores,
    config,
    clock,
    database,
    checkReadiness: createReadiness({ database, checkTables, queues: createQueues(config.queues.connection) }),
    passwords: createPasswords(config.passwords, { generations: stores.accounts.passwordParameters, clock }),
    providers: createProviders(config.social.providers),
    attempts: createAttempts(config.service.secretKey),
    signingKeys,
    keyRotation,
    accessTokens: createAccessTokens(signingKeys, { ...tokens, issuer, statusListsUri }),
    statusTokens:
      statusListsUri === undefined ? undefined : createStatusTokens(signingKeys, { issuer, uri: statusListsUri }),
    serverMetadata: createServerMetadata({ issuer, algorithm: tokens.algorithm }),
    audit,
    present: createPresent(config.service.secretKey, createUseMarks(config.service.secretKey)),
    ...createChanges({ database, stores, storesOn, audit }),
    close: () => database.close(),
  };
}

interface Recording {
  readonly database: Database;
  readonly stores: Stores;
  readonly storesOn: (queries: Queries) => Stores;
  readonly audit: Audit;
}

/** The two ways to change something: both record it. */
function createChanges({ database, stores, storesOn, audit }: Recording): Pick<Services, "transaction" | "change"> {
  return {
    async transaction(call, work, options) {
      const trail = createTrail();
      const result = await database.transaction(
        (queries, run) => work({ ...storesOn(queries), audit: trail.startRun(run) }),
        options,
      );
      await audit.record(call, ...trail.events());
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

function createKeys(
  { service: { secretKey, previousSecretKey }, tokens, runtime: { identity } }: Config,
  database: Database,
): { signingKeys: SigningKeys; keyRotation: KeyRotation | undefined } {
  const { algorithm, ttlSeconds: tokenSeconds, rotationSeconds, vaultKeyId } = tokens;
  const inDatabase = () =>
    createDatabaseKeyStore(
      createSigningKeyQueries(database.queries),
      createSeal(keySealPurpose, secretKey, previousSecretKey),
    );
  if (algorithm === "HS256")
    return { signingKeys: createSharedKey(secretKey, inDatabase(), tokenSeconds), keyRotation: undefined };
  const keyStore: KeyStore =
    vaultKeyId === undefined ? inDatabase() : createVaultKeyStore(openVaultKey(vaultKeyId, identity), algorithm);
  return {
    signingKeys: createSigningKeys(keyStore, { algorithm, tokenSeconds }),
    keyRotation: createKeyRotation(keyStore, { algorithm, tokenSeconds, rotationSeconds }),
  };
}

let current: Services | undefined;
/** Settings stay as they are for as long as a process lives: they are read once, be they right or wrong. */
let refusal: ConfigError | undefined;

/** The services of this worker, built at the first call. @throws ConfigError when the settings are wrong, at every call */
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

/** Puts other services in their place: for hosts and tests that bring their own settings or clock. */
export function provideServices(replacement: Services): void {
  current = replacement;
}
