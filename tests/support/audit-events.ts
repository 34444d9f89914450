/** Reads the audit events of a service's log. @returns a function: the types of those since the log had `start` lines */
export function auditEvents(logLines: readonly string[]): (start: number) => string[] {
  return (start) =>
    logLines
      .slice(start)
      .map((line) => JSON.parse(line) as { event: string; type: string })
      .filter(({ event }) => event === "audit")
      .map(({ type }) => type);
}
