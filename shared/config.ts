import { addressSettings } from "./addresses/settings.ts";
import { mailDeliverySettings } from "./mail/delivery/settings.ts";
import { mailSettings } from "./mail/settings.ts";
import { mfaSettings } from "./mfa/settings.ts";
import { anchorSettings } from "./audit/anchors/settings.ts";
import { auditSettings } from "./audit/settings.ts";
import { captchaSettings } from "./captcha/settings.ts";
import { accountSettings } from "./accounts/settings.ts";
import { databaseSettings } from "./platform/database/settings.ts";
import { redisSettings } from "./limits/redis/settings.ts";
import { limitSettings } from "./limits/settings.ts";
import { httpSettings } from "./platform/http/settings.ts";
import { exemptLoopback } from "./platform/no-proxy.ts";
import { productSettings } from "./platform/product/settings.ts";
import { queueSettings } from "./platform/queues/settings.ts";
import { runtimeSettings } from "./platform/runtime/settings.ts";
import { serviceSettings } from "./platform/service/settings.ts";
import { readSections, settingsOf, wrongSettings, type Parts } from "./platform/settings/read.ts";
import type { Environment, SettingFault } from "./platform/settings/section.ts";
import { passkeySettings } from "./passkeys/settings.ts";
import { passwordSettings } from "./passwords/settings.ts";
import { oneTimeTokenSettings } from "./one-time-tokens/settings.ts";
import { sessionSettings } from "./sessions/settings.ts";
import { signInFailureSettings } from "./sign-in-failures/settings.ts";
import { socialSettings } from "./social/settings.ts";
import { tokenSettings } from "./tokens/settings.ts";

/**
 * The settings of all concepts, by their names in the configuration. Each may use those that come before
 * it.
 */
export const sections = {
  runtime: runtimeSettings,
  service: serviceSettings,
  product: productSettings,
  http: httpSettings,
  limits: limitSettings,
  redis: redisSettings,
  addresses: addressSettings,
  tokens: tokenSettings,
  accounts: accountSettings,
  sessions: sessionSettings,
  passwords: passwordSettings,
  signInFailures: signInFailureSettings,
  mfa: mfaSettings,
  passkeys: passkeySettings,
  captcha: captchaSettings,
  oneTimeTokens: oneTimeTokenSettings,
  social: socialSettings,
  audit: auditSettings,
  database: databaseSettings,
  queues: queueSettings,
  anchors: anchorSettings,
  mail: mailSettings,
  mailDelivery: mailDeliverySettings,
} as const;

/** The parsed settings: frozen, grouped by concept, with units in the names. Durations are whole seconds. */
export type Config = Parts<typeof sections>;

/** The names of all settings, as in `local.settings.example.json`. */
export const settingNames: readonly string[] = settingsOf(sections).map(({ name }) => name);

/**
 * Parses the settings. An empty one counts as absent. A variable that may belong to another program, or a setting
 * without effect, is a warning.
 * @throws ConfigError naming every wrong setting and its rule, never a value
 */
export function loadConfig(environment: Environment): Config {
  const unresolved = unresolvedReferences(environment);
  if (unresolved.length > 0) throw wrongSettings(unresolved);
  return readSections(sections, environment);
}

/**
 * Reads this process's settings; nothing else reads the environment. After this, loopback addresses are exempt from
 * proxies.
 */
export function loadProcessConfig(): Config {
  exemptLoopback(process.env);
  return loadConfig(process.env);
}

/** The database settings of this process: a migration needs no others, no secret and no proxy. */
export function loadProcessDatabaseConfig(): Config["database"] & Pick<Config, "warnings"> {
  exemptLoopback(process.env);
  const { database, warnings } = readSections({ runtime: runtimeSettings, database: databaseSettings }, process.env);
  return { ...database, warnings };
}

/** Settings that still contain a Key Vault reference, because Azure could not read the secret. */
function unresolvedReferences(environment: Environment): SettingFault[] {
  const rule =
    "refers to a secret in a vault that Azure could not read: check its name, the identity's role and the network";
  return Object.keys(environment)
    .filter((name) => environment[name]?.startsWith("@Microsoft.KeyVault("))
    .map((name) => [name, rule]);
}
