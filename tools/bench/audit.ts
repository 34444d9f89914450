// npm run bench:audit: how many sign-ins a second the service does with the audit log, compared with the same service whose
// log keeps nothing, in turn in one process. Both write log lines. What comes before and after the flow, such as HTTP, is
// left out: it would only bring the two closer. AUDIT_SECONDS (1) says how long each is measured in a round, AUDIT_ROUNDS
// (15) how often.
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { createChanges } from "../../shared/changes.ts";
import { loadConfig } from "../../shared/config.ts";
import type { Writer } from "../../shared/audit/writer.ts";
import { signInWithPassword } from "../../shared/flows/sign-in/password-sign-in.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { withinInvocation } from "../../shared/platform/log.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { createStores } from "../../shared/stores.ts";
import { cpuMilliseconds, median } from "./statistics.ts";

const seconds = Number(process.env["AUDIT_SECONDS"] ?? 1);
const rounds = Number(process.env["AUDIT_ROUNDS"] ?? 15);
const atATime = 10;
/** Sign-ins are spread over this many people, so that the log leaves none out. */
const people = 60;
const password = "a password of the benchmark";
const goal = 0.95;

const silent = { requestId: "bench", functionName: "auth-login", write: () => undefined };
const source = { address: "192.0.2.1", userAgent: "a browser of the benchmark" };

const keepsNothing: Writer = {
  begin: () => ({ startRun: () => async () => undefined, committed: () => undefined, failed: () => undefined }),
};

/** The service on a database of its own, with people who can sign in. */
async function openService(file: string): Promise<Services> {
  const config = loadConfig({
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: file,
    BREACHED_PASSWORDS: "off",
    RATE_LIMITS: "off",
  });
  const services = createServices(config);
  const passwordHash = await services.passwords.hash(password);
  for (let person = 0; person < people; person += 1) {
    const now = systemClock.now();
    const account = { id: newId(now), email: emailOf(person), username: "Bench", locale: "en", passwordHash } as const;
    await services.accounts.create(account, now);
  }
  return services;
}

const emailOf = (person: number) => `bench${person}@example.com`;

function withoutLog(services: Services): Services {
  const { config, tokens, subjects, database, mail } = services;
  const storesOn = createStores(config, tokens, subjects);
  return { ...services, ...createChanges({ database, stores: services, storesOn, mail, writer: keepsNothing }) };
}

interface Figures {
  readonly perSecond: number;
  readonly cpu: number;
}

let person = 0;

async function measure(services: Services): Promise<Figures> {
  const [startedAt, cpuAtStart] = [performance.now(), cpuMilliseconds()];
  const endAt = startedAt + seconds * 1000;
  let count = 0;
  const signInUntilTheEnd = async () => {
    while (performance.now() < endAt) {
      const context = { services, now: systemClock.now(), source, locale: "en" } as const;
      const email = emailOf((person = (person + 1) % people));
      await withinInvocation(silent, () => signInWithPassword(context, { email, password, device: undefined }));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: atATime }, signInUntilTheEnd));
  return { perSecond: (count * 1000) / (performance.now() - startedAt), cpu: (cpuMilliseconds() - cpuAtStart) / count };
}

const show = (figure: number) => figure.toFixed(figure < 10 ? 3 : 1);

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-audit-"));
const opened = [await openService(path.join(folder, "with.db")), await openService(path.join(folder, "without.db"))];
const [withLog, without] = [opened[0] as Services, withoutLog(opened[1] as Services)];
const figures: { readonly kept: Figures; readonly none: Figures }[] = [];
console.log(`load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
try {
  for (const services of [withLog, without]) await measure(services);
  for (let round = 0; round < rounds; round += 1) {
    // Who comes first changes, so that what the machine does meanwhile hits both.
    const first = round % 2 === 0 ? await measure(withLog) : undefined;
    const none = await measure(without);
    figures.push({ kept: first ?? (await measure(withLog)), none });
  }
} finally {
  for (const services of opened) await services.close();
  rmSync(folder, { recursive: true, force: true });
}
const ratioOf = (kind: keyof Figures) => figures.map(({ kept, none }) => kept[kind] / none[kind]);
const [rates, costs] = [ratioOf("perSecond"), ratioOf("cpu")];
for (const [name, kind] of [["with the log", "kept"] as const, ["without", "none"] as const]) {
  const middle = (of: keyof Figures) => show(median(figures.map((each) => each[kind][of])));
  console.log(`${name}: ${middle("perSecond")} sign-ins a second, ${middle("cpu")} ms of processor time each`);
}
const isReached = median(rates) >= goal;
console.log(
  `rate with / without: ${show(median(rates))} (${show(Math.min(...rates))} to ${show(Math.max(...rates))}), ` +
    `at least ${goal}: ${isReached ? "reached" : "not reached"}; processor time: ${show(median(costs))}; ` +
    `load average ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
if (!isReached) process.exitCode = 1;
