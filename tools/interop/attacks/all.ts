import { inFolder } from "../in-folder.ts";
import type { Attack, AttackOptions } from "./attack.ts";
import { hydra } from "./hydra.ts";
import { hasProgram } from "./program.ts";
import { slowhttptest } from "./slow.ts";
import { sqlmap } from "./sqlmap.ts";
import { wapiti } from "./wapiti.ts";

/** Every attack. */
export const attacks: readonly Attack[] = [slowhttptest, wapiti, sqlmap, hydra];

/** Runs an attack, or says that its program is missing. */
export async function attackWith(attack: Attack, options: Pick<AttackOptions, "isBounded">): Promise<void> {
  const { program } = attack;
  if (!hasProgram(program)) return console.log(`Not run: ${program} needs Debian's package ${program}.`);
  await inFolder((folder) => attack.run({ folder, ...options }));
}
