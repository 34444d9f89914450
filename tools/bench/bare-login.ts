// The minimum cost of a login: how many times per second the password engine verifies a password and Node then makes
// one RS256 signature. Arguments: for how many seconds, and how many at a time. Both run on libuv's threads, as in the
// service.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";
import { loadPasswordEngine } from "../../shared/passwords/engine.ts";
import { cpuMilliseconds } from "./statistics.ts";

const [seconds = 1, atATime = 1] = process.argv.slice(2).map(Number);
const password = "a password of the benchmark";
const engine = await loadPasswordEngine();
const phc = await engine.hash(password, { memoryKib: 19_456, iterations: 2, parallelism: 1 });
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const signOnAThread = promisify(sign);
/** As long as one of our access tokens. */
const text = randomBytes(600);

const [startedAt, cpuAtStart] = [performance.now(), cpuMilliseconds()];
const endAt = startedAt + seconds * 1000;
let count = 0;

async function repeatUntilTheEnd(): Promise<void> {
  while (performance.now() < endAt) {
    await engine.verify(phc, password);
    await signOnAThread("sha256", text, privateKey);
    count += 1;
  }
}

await Promise.all(Array.from({ length: atATime }, repeatUntilTheEnd));
process.send?.({
  perSecond: (count * 1000) / (performance.now() - startedAt),
  cpu: (cpuMilliseconds() - cpuAtStart) / count,
});
