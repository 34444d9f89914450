import { eventTypeOf, type AuditEventType } from "../../shared/audit/event-types.ts";
import { typesIn } from "../../shared/audit/refusal.ts";
import { catalogue } from "../../shared/http/catalogue.ts";

/** Events that gates record by themselves. */
const ofGates = new Set<AuditEventType>(["limit.exceeded", "address.refused"]);

/** Whether an event says how the call ended that it is of: alarms and what the service does by itself come with any. */
export function isOutcome(type: AuditEventType): boolean {
  const { actor, isAlarming } = eventTypeOf(type);
  return actor !== "system" && isAlarming !== true;
}

/**
 * Holds a line of the log against the declaration of the endpoint that wrote it, if it is an audit event of one.
 * @param undeclared receives what no declaration names
 */
export function noteUndeclared(line: string, undeclared: Set<string>): void {
  if (!line.includes('"event":"audit"')) return;
  const { function: name, type } = JSON.parse(line) as { readonly function?: string; readonly type: AuditEventType };
  const entry = catalogue().find((one) => one.name === name);
  if (!entry || !isOutcome(type) || ofGates.has(type)) return;
  const declared = [...typesIn(entry.recorded), ...typesIn(entry.refused), ...entry.refusedByGates];
  if (!declared.includes(type)) undeclared.add(`${entry.name}: ${type}`);
}
