/** A file of Bicep. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A warning that is switched off says why, on the line above. */
export function suppressionsWithReason({ name, text }: Source): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) =>
    /^\s*#disable/.test(line) && !/^\s*\/\/ \S/.test(lines[index - 1] ?? "")
      ? [`${name}:${index + 1}: a suppression without a reason in a comment above it`]
      : [],
  );
}

/** Modules lie beside the file: no registry is reached when it is built. */
export function localModules({ name, text }: Source): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      /'(?:br|ts|oci)(?:\/\w+)?:/.test(line) ? [`${name}:${index + 1}: a module of a registry`] : [],
    );
}
