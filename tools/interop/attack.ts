// npm run attack -- hydra | slowhttptest | sqlmap | wapiti: the whole of an attack of which npm run interop makes a minute.
import { attacks, attackWith } from "./attacks/all.ts";
import { outcomes } from "./outcomes.ts";

const names = process.argv.slice(2);
const chosen = attacks.filter(({ program }) => names.includes(program));
if (chosen.length !== new Set(names).size || names.length === 0) {
  console.error(`usage: npm run attack -- ${attacks.map(({ program }) => program).join(" | ")}`);
  process.exit(2);
}
for (const attack of chosen) await attackWith(attack, { isBounded: false });
console.log(`${outcomes.passed} passed, ${outcomes.failed} failed`);
if (outcomes.failed > 0) process.exitCode = 1;
