/** One line about a failed invocation: the function, what was thrown, and where. */
export function describeFailure(functionName: string, error: unknown): string {
  const [place] = error instanceof Error ? (/^ {4}at .*/m.exec(String(error.stack)) ?? []) : [];
  return `The function "${functionName}" failed: ${oneLine(error)}${place ? ` (${place.trim()})` : ""}`;
}

/** The message of what was thrown, with line breaks removed. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  return lines.filter(Boolean).join(" ");
}
