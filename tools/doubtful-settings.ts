/**
 * Tells people at a terminal, in one line, which settings do nothing. It goes to standard error: what these tools print may be
 * piped to another program.
 */
export function tellDoubtful<C extends { readonly warnings: readonly string[] }>(config: C): C {
  if (config.warnings.length > 0) console.error(`Doubtful settings: ${config.warnings.join("; ")}`);
  return config;
}
