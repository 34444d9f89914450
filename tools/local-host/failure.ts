/** One line about an invocation that failed: the function, what was thrown, and where. */
export function describeFailure(functionName: string, error: unknown): string {
  const [place] = error instanceof Error ? (/^ {4}at .*/m.exec(String(error.stack)) ?? []) : [];
  return `The function "${functionName}" failed: ${oneLine(error)}${place ? ` (${place.trim()})` : ""}`;
}

/** The message of what was thrown, line breaks and all, on one line. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  return lines.filter(Boolean).join(" ");
}
