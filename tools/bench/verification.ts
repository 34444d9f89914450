// What the password engine makes on its own: verifications per second, four at a time. Its one argument is how many seconds.
import { loadPasswordEngine } from "../../shared/passwords/engine.ts";

const password = "a password of the benchmark";
const engine = await loadPasswordEngine();
const phc = await engine.hash(password, { memoryKib: 19456, iterations: 2, parallelism: 1 });
const startedAt = performance.now();
const endAt = startedAt + Number(process.argv[2]) * 1000;
let count = 0;

async function verifyUntilTheEnd(): Promise<void> {
  while (performance.now() < endAt) {
    await engine.verify(phc, password);
    count += 1;
  }
}

await Promise.all(Array.from({ length: 4 }, verifyUntilTheEnd));
process.send?.((count * 1000) / (performance.now() - startedAt));
