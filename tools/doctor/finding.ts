/** The result of one check. */
export interface Finding {
  readonly state: "ok" | "warning" | "fault";
  readonly text: string;
  /** What to change; undefined if all is well. */
  readonly change?: string;
}

export const ok = (text: string): Finding => ({ state: "ok", text });
/** Something that may be intended. */
export const warning = (text: string, change: string): Finding => ({ state: "warning", text, change });
/** Something that does not work or is not safe. */
export const fault = (text: string, change: string): Finding => ({ state: "fault", text, change });

/** The findings whose condition is true; if there are none, `good` as an ok. */
export function unless(rules: readonly (readonly [boolean, Finding])[], good: string): Finding[] {
  const broken = rules.filter(([isBroken]) => isBroken).map(([, finding]) => finding);
  return broken.length > 0 ? broken : [ok(good)];
}
