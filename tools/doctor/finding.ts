/** What one check has found. */
export interface Finding {
  readonly state: "ok" | "warning" | "fault";
  readonly text: string;
  /** What to change, unless all is well. */
  readonly change?: string;
}

export const ok = (text: string): Finding => ({ state: "ok", text });
/** Something that may be meant. */
export const warning = (text: string, change: string): Finding => ({ state: "warning", text, change });
/** Something that will not work, or is not safe. */
export const fault = (text: string, change: string): Finding => ({ state: "fault", text, change });

/** The findings whose rule is broken, or that all is well. */
export function unless(rules: readonly (readonly [boolean, Finding])[], good: string): Finding[] {
  const broken = rules.filter(([isBroken]) => isBroken).map(([, finding]) => finding);
  return broken.length > 0 ? broken : [ok(good)];
}
