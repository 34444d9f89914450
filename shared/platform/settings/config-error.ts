/** One or more settings are wrong. The message names each, its rule and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
