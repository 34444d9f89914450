import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import { createInvoke } from "../../tools/local-host/invoke.ts";

/** Calls a timer function as its host does when it is due. @returns the lines that it has logged, parsed */
export async function runTimer(
  name: string,
  lines: Record<string, unknown>[] = [],
): Promise<Record<string, unknown>[]> {
  const registry = provideFunctionsCore();
  const called = registry.functions.find((entry) => entry.name === name);
  if (!called) throw new Error(`there is no function ${name}`);
  const invoke = createInvoke(registry, (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  const json = JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false });
  await invoke(called, { data: { json } });
  return lines;
}
