/** One or more settings are wrong. The message names each one and its rule, but never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
