/**
 * Reports settings that have no effect, in one line on standard error, because these tools' output may be piped to
 * another program.
 */
export function tellDoubtful<C extends { readonly warnings: readonly string[] }>(config: C): C {
  if (config.warnings.length > 0) console.error(`Doubtful settings: ${config.warnings.join("; ")}`);
  return config;
}
