// npm run bench:audit-verify [-- EVENTS MUTATIONS]: how fast `npm run audit -- verify` is, and whether it finds what is done to a log.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { applyMigrations } from "../../shared/platform/database/embedded-migrations.ts";
import { readAnchor } from "../../shared/audit/anchors/read-anchor.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import { firstLine, lastLine } from "../audit/export-frame.ts";
import type { ExportedRecord } from "../audit/exported-record.ts";
import { checkAnchors } from "../audit/verify/anchor-check.ts";
import { keptAnchors } from "../audit/verify/anchor-sources.ts";
import { createFindings } from "../audit/verify/findings.ts";
import { createFindKeys, readKeys } from "../audit/verify/keys.ts";
import { checkExport } from "../audit/verify/verify-export.ts";
import { makeLog, seeded } from "./audit-log.ts";
import { linesOf, mutatedExport, pickMutation } from "./audit-mutations.ts";

const [eventCount = 1_000_000, mutationCount = 10_000] = process.argv.slice(2).map(Number);
const eventsADay = 1000;
const goalSeconds = 10;
/** As many mutations are also looked for in the whole export, as an auditor would. */
const wholeRuns = 5;
const seed = 19;
const madeAt = new Date();

const folder = await mkdtemp(path.join(tmpdir(), "latchkey-audit-"));
const at = (name: string) => path.join(folder, name);
const files = { events: at("events.jsonl"), anchors: at("anchors.jsonl"), keys: at("jwks.json"), day: at("day.jsonl") };

interface DayInFile {
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

/** Writes the log as an export and as an embedded database. */
function make(database: string): DayInFile[] {
  const days = Math.ceil(eventCount / eventsADay);
  const log = makeLog({ seed, firstDay: "2023-01-01", days, eventsADay, chainsADay: 4, anchorsADay: 8 });
  writeFileSync(files.keys, JSON.stringify(log.jwks));
  const [events, anchors] = [openSync(files.events, "w"), openSync(files.anchors, "w")];
  const keep = openDatabase(database);
  const places: DayInFile[] = [];
  let from = writeSync(
    events,
    `${firstLine({ from: null, to: null, type: null, account: null, at: madeAt.toISOString() })}\n`,
  );
  for (const made of log.days) {
    const size = writeSync(events, `${linesOf(made).lines.join("\n")}\n`);
    places.push({ day: made.day, from, to: from + size });
    from += size;
    writeSync(anchors, made.anchors.map((jws) => `${jws}\n`).join(""));
    keep(made.records, made.anchors);
    if (made.day.endsWith("-01")) process.stderr.write(`\r${made.day} made`);
  }
  writeSync(events, `${lastLine(days * eventsADay)}\n`);
  process.stderr.write("\n");
  closeSync(events);
  closeSync(anchors);
  return places;
}

function openDatabase(file: string) {
  const database = new DatabaseSync(file);
  // Nothing is lost if this is interrupted.
  database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000");
  applyMigrations(database, readMigrations("sql"), new Date());
  const addEvent =
    database.prepare(`insert into audit_events (chain_id, seq, id, type, outcome, actor, actor_id, subject_id,
    reason, details, personal, personal_salt, personal_digest, created_at, prev_hash, hash)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const addAnchor = database.prepare("insert into audit_anchors (number, anchored_at, jws) values (?, ?, ?)");
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text, "base64url"));
  let number = 0;
  return (records: readonly ExportedRecord[], anchors: readonly string[]) => {
    database.exec("begin");
    for (const record of records) {
      const { chain, seq, id, type, outcome, actor, actorId, subject, reason, details, personal, time } = record;
      const [salt, digest, prev, hash] = [record.salt, record.personalDigest, record.prev, record.hash].map(bytes);
      const front = [chain, seq, id, type, outcome, actor, actorId, subject, reason, details, personal];
      addEvent.run(...front, salt ?? null, digest ?? null, time, prev ?? null, hash ?? null);
    }
    for (const jws of anchors) addAnchor.run((number += 1), timeOf(jws), jws);
    database.exec("commit");
  };
}

const timeOf = (jws: string) => readAnchor(jws).anchor.time;

interface Run {
  readonly code: number | null;
  /** Of one processor, however busy the machine is. */
  readonly seconds: number;
  readonly output: string;
}

/** Runs `npm run audit -- verify` on one core, from the start of the process to its end. */
function verifyOnOneCore(words: readonly string[], settings: NodeJS.ProcessEnv = {}): Run {
  const timed = 'TIMEFORMAT="%U %S"; time taskset -c 0 "$@"';
  const rest = ["-c", timed, "bash", process.execPath, "tools/audit.ts", "verify", ...words];
  const { status, stdout, stderr } = spawnSync("bash", rest, {
    encoding: "utf8",
    env: { ...process.env, ...settings },
  });
  const times = stderr.trim().split("\n").at(-1)?.split(" ") ?? [];
  const seconds = times.reduce((sum, time) => sum + Number(time), 0);
  return { code: status, seconds, output: stdout };
}

function judge(name: string, { code, seconds, output }: Run): void {
  console.log(`${name}: ${seconds.toFixed(1)} s of one core (goal: ${goalSeconds} s), ended with ${code}`);
  console.log(`  ${output.trim().replaceAll("\n", "\n  ")}`);
  if (code !== 0 || seconds > goalSeconds) process.exitCode = 1;
}

/** A mutation by its number: the same in each run of this. */
function mutated(days: readonly DayInFile[], number: number, all: Buffer) {
  const random = seeded(seed * 1_000_003 + number);
  // The newest day is left out: what comes after the newest anchor is not protected yet.
  const place = days[Math.floor(random() * (days.length - 1))] ?? { day: "", from: 0, to: 0 };
  const lines = all.toString("utf8", place.from, place.to - 1).split("\n");
  const name = pickMutation(random);
  return { name, place, changed: mutatedExport({ day: place.day, lines }, name, random) };
}

/**
 * Each mutation is looked for in the export of its day, which is a file that the real code reads from its first line to its
 * last, with all anchors: a chain has one day, so nothing outside of that day depends on it.
 */
async function findMutations(days: readonly DayInFile[]): Promise<void> {
  const all = readFileSync(files.events);
  const quiet = createFindings(() => {});
  const findKeys = createFindKeys(readKeys(files.keys));
  const anchors = await checkAnchors(keptAnchors(files.anchors, quiet), {
    findings: quiet,
    findKeys,
    now: madeAt,
  });
  const counts = new Map<string, { done: number; found: number }>();
  const startedAt = performance.now();
  for (let number = 0; number < mutationCount; number += 1) {
    const { name, changed, place } = mutated(days, number, all);
    writeFileSync(files.day, changed);
    const findings = createFindings(() => {});
    checkExport(files.day, { findings, anchors, now: madeAt });
    const count = counts.get(name) ?? { done: 0, found: 0 };
    counts.set(name, count);
    count.done += 1;
    if (findings.count() > 0) count.found += 1;
    else console.log(`NOT FOUND: mutation ${number}, ${name}, of ${place.day}`);
    if (number % 1000 === 999) process.stderr.write(`\r${number + 1} mutations`);
  }
  process.stderr.write("\n");
  const found = [...counts.values()].reduce((sum, count) => sum + count.found, 0);
  console.log(
    `${found} of ${mutationCount} mutations found, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  );
  for (const [name, count] of counts) console.log(`  ${name}: ${count.found} of ${count.done}`);
  if (found < mutationCount || quiet.count() > 0) process.exitCode = 1;
}

/** Some mutations are looked for in the whole export, by the command. */
function findInWhole(days: readonly DayInFile[], words: readonly string[]): void {
  const all = readFileSync(files.events);
  for (let number = 0; number < wholeRuns; number += 1) {
    const { name, place, changed } = mutated(days, number * 100, all);
    // Between the first line and the last one of the day's export.
    const middle = changed.subarray(changed.indexOf("\n") + 1, changed.lastIndexOf("\n", -2) + 1);
    writeFileSync(files.events, Buffer.concat([all.subarray(0, place.from), middle, all.subarray(place.to)]));
    const { code, output } = verifyOnOneCore(words);
    console.log(`${name}, in the whole export: ended with ${code}; ${output.split("\n")[0]}`);
    if (code !== 1) process.exitCode = 1;
  }
}

try {
  const database = at("latchkey.db");
  const days = make(database);
  const words = ["--export", files.events, "--anchors", files.anchors, "--keys", files.keys];
  judge(`verify of an export of ${eventCount.toLocaleString("en")} events`, verifyOnOneCore(words));
  const settings = { SECRET_KEY: "a-secret-of-the-benchmark-that-is-long-enough", EMBEDDED_DB_FILE: database };
  judge("verify of the embedded database", verifyOnOneCore(["--keys", files.keys], settings));
  await findMutations(days);
  findInWhole(days, words);
} finally {
  rmSync(folder, { recursive: true });
}
