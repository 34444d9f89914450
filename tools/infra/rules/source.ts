/** A file of Bicep. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A suppressed warning must have its reason in the line above. */
export function suppressionsWithReason({ name, text }: Source): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) =>
    /^\s*#disable/.test(line) && !/^\s*\/\/ \S/.test(lines[index - 1] ?? "")
      ? [`${name}:${index + 1}: a suppression without a reason in a comment above it`]
      : [],
  );
}

/** Modules must be local files: a build reaches no registry. */
export function localModules({ name, text }: Source): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      /'(?:br|ts|oci)(?:\/\w+)?:/.test(line) ? [`${name}:${index + 1}: a module from a registry`] : [],
    );
}
