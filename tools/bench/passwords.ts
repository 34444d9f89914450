// npm run bench:passwords: which passwords the policy refuses, and how long it takes. Nobody outside is asked: the range
// API is a stand-in that knows the known ones.
import { randomBytes, randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { dictionary } from "@zxcvbn-ts/language-common";
import { readFilter, writeFilter } from "../../shared/passwords/policy/filter-file.ts";
import { buildFuseFilter } from "../../shared/passwords/policy/fuse-build.ts";
import { createPasswordPolicy, type PasswordPolicy } from "../../shared/passwords/policy/policy.ts";
import type { BreachSource } from "../../shared/passwords/policy/breaches.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { startRangeStandIn } from "./range-stand-in.ts";

const minLength = 15;
const { "diceware-common": words, "passwords-common": common } = dictionary;
const owner = { email: "ada.lovelace@example.com", username: "Ada Lovelace" };

const pick = (from: readonly string[]): string => from[randomInt(from.length)] ?? "";
const passphrase = (): string => Array.from({ length: 5 }, () => pick(words)).join(" ");

/** Those of 15 characters in zxcvbn's list, and two of its 2,000 most common ones beside each other, as leaks have many. */
function knownLong(count: number): string[] {
  const known = new Set(common.filter((password) => password.length >= minLength));
  const frequent = common.slice(0, 2000);
  while (known.size < count) {
    const joined = `${pick(frequent)}${pick(["", "", " ", "1", "!"])}${pick(frequent)}`;
    if (joined.length >= minLength) known.add(joined);
  }
  return [...known];
}

interface Outcome {
  readonly refused: Readonly<Record<string, number>>;
  readonly total: number;
  readonly milliseconds: readonly number[];
}

async function judgeAll(policy: PasswordPolicy, passwords: readonly string[]): Promise<Outcome> {
  const refused: Record<string, number> = {};
  const milliseconds: number[] = [];
  let total = 0;
  for (const [place, password] of passwords.entries()) {
    const startedAt = performance.now();
    const { reason } = await policy.judge(password, owner);
    milliseconds.push(performance.now() - startedAt);
    if (reason) refused[reason] = (refused[reason] ?? 0) + 1;
    if (reason) total += 1;
    if (place % 2000 === 1999) console.error(`${place + 1} of ${passwords.length}`);
  }
  return { refused, total, milliseconds: milliseconds.toSorted((one, other) => one - other) };
}

function tell(title: string, { refused, total, milliseconds }: Outcome): void {
  const at = (share: number) => (milliseconds[Math.floor(share * (milliseconds.length - 1))] ?? 0).toFixed(1);
  const by = Object.entries(refused).map(([reason, count]) => `${count} ${reason}`);
  console.log(`${title}: ${total} of ${milliseconds.length} refused (${by.join(", ") || "none"})`);
  console.log(`  ${at(0.5)} ms in the middle, ${at(0.99)} ms at p99, ${at(1)} ms at most`);
}

/** A filter of a million random hashes: how large it is, and how long a look takes. */
async function measureFilter(): Promise<{ readonly source: BreachSource }> {
  const count = 1_000_000;
  const random = randomBytes(8 * count);
  const keys = new Uint32Array(2 * count);
  for (let place = 0; place < keys.length; place += 1) keys[place] = random.readUInt32BE(4 * place);
  const startedAt = performance.now();
  const content = writeFilter(buildFuseFilter(keys));
  const builtAt = performance.now();
  const folder = await mkdtemp(path.join(tmpdir(), "latchkey-passwords-"));
  try {
    const file = path.join(folder, "random.filter");
    writeFileSync(file, content);
    const filter = readFilter(file);
    const readAt = performance.now();
    let known = 0;
    const unknown = randomBytes(8 * count);
    for (let at = 0; at < unknown.length; at += 8) if (filter.has(unknown.subarray(at, at + 8))) known += 1;
    const microseconds = ((performance.now() - readAt) * 1000) / count;
    console.log(
      `filter of a million: ${(content.length / 1e6).toFixed(2)} MB, made in ${(builtAt - startedAt).toFixed(0)} ms, read in ${(readAt - builtAt).toFixed(0)} ms`,
    );
    console.log(`  a look takes ${microseconds.toFixed(2)} µs; of a million others it knows ${known} (15.3 expected)`);
    return { source: { kind: "filter", filter } };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const policyWith = (breached: BreachSource) =>
  createPasswordPolicy({ minLength, minScore: 2, breached }, ["Latchkey"], systemClock);

const known = knownLong(1000);
const phrases = Array.from({ length: 10_000 }, passphrase);
const standIn = await startRangeStandIn();
try {
  standIn.know(...known);
  const range = policyWith({ kind: "range", baseUrl: standIn.url, timeoutMilliseconds: 1000 });
  await range.judge("what is loaded at first", owner);
  const { source } = await measureFilter();
  tell("known long passwords, by our own rules alone", await judgeAll(policyWith({ kind: "off" }), known));
  const withApi = await judgeAll(range, known);
  tell("known long passwords, with the range API", withApi);
  const phrasesByApi = await judgeAll(range, phrases);
  tell("random passphrases of five words, with the range API", phrasesByApi);
  const { breaches } = policyWith(source);
  const inFilter = await Promise.all(phrases.map((phrase) => breaches.has(phrase)));
  console.log(`of these, a filter of a million random hashes knows ${inFilter.filter(Boolean).length} (0.15 expected)`);
  const isGood = withApi.total >= 0.99 * known.length && phrasesByApi.total === 0;
  console.log(isGood ? "reached: 99 of 100 known refused, no passphrase" : "not reached");
  if (!isGood) process.exitCode = 1;
} finally {
  standIn.close();
}
