import { hash } from "node:crypto";
import { canonicalForm } from "../../shared/audit/chain/record.ts";
import { firstLine, lastLine } from "../audit/export-frame.ts";
import { isAfter, lineOf, readRecordLine, type ExportedRecord } from "../audit/exported-record.ts";
import type { MadeDay } from "./audit-log.ts";

/** What somebody does to an export: the lines of the events, and how. */
type Mutation = (lines: readonly string[], random: () => number) => readonly (string | Buffer)[];

const pick = (lines: readonly unknown[], random: () => number) => Math.floor(random() * lines.length);
const recordOf = (line: string | undefined) => readRecordLine(line ?? "") as ExportedRecord;
const without = <T>(lines: readonly T[], from: number, count = 1) => lines.toSpliced(from, count);

/** A byte of an event is another one; often it is one that makes no sense there, so half of them are digits or letters. */
const changeByte: Mutation = (lines, random) => {
  const place = pick(lines, random);
  const bytes = Buffer.from(`${lines[place]}`);
  const at = Math.floor(random() * bytes.length);
  const old = bytes[at];
  const plain = Buffer.from("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
  while (bytes[at] === old)
    bytes[at] = random() < 0.5 ? Math.floor(random() * 256) : (plain[pick([...plain], random)] ?? 0);
  return [...lines.slice(0, place), bytes, ...lines.slice(place + 1)];
};

const remove: Mutation = (lines, random) => without(lines, pick(lines, random), 1 + Math.floor(random() * 3));

const swap: Mutation = (lines, random) => {
  const place = Math.floor(random() * (lines.length - 1));
  return lines.toSpliced(place, 2, lines[place + 1] ?? "", lines[place] ?? "");
};

const move: Mutation = (lines, random) => {
  const from = pick(lines, random);
  let to = pick(lines, random);
  while (to === from) to = pick(lines, random);
  return without(lines, from).toSpliced(to, 0, lines[from] ?? "");
};

const repeat: Mutation = (lines, random) => lines.toSpliced(pick(lines, random), 0, lines[pick(lines, random)] ?? "");

/** The rest of the chain gets new hashes, as who can write everywhere would do it. */
function rehash(lines: readonly string[], from: ExportedRecord): string[] {
  let before = from;
  const written = lines.map((line) => {
    const record = recordOf(line);
    if (record.chain !== from.chain || record.seq < from.seq) return line;
    before = rehashed(record.seq === from.seq ? from : { ...record, prev: before.hash });
    return lineOf(before);
  });
  return written;
}

const rehashed = (record: ExportedRecord): ExportedRecord => ({
  ...record,
  hash: hash("sha256", canonicalForm(record), "base64url"),
});

const rewrite: Mutation = (lines, random) => {
  const record = recordOf(lines[pick(lines, random)]);
  return rehash(lines, { ...record, reason: `${record.reason ?? ""}, or so` });
};

/** An event is removed, and those after it in its chain get new numbers and hashes. */
const closeGap: Mutation = (lines, random) => {
  const place = pick(lines, random);
  const gone = recordOf(lines[place]);
  let before = { seq: gone.seq - 1, hash: gone.prev };
  return without(lines, place).map((line) => {
    const record = recordOf(line);
    if (record.chain !== gone.chain || record.seq < gone.seq) return line;
    const moved = rehashed({ ...record, seq: before.seq + 1, prev: before.hash });
    before = moved;
    return lineOf(moved);
  });
};

/** A new chain that fits by itself, at an instant at which the day had others. */
const addChain: Mutation = (lines, random) => {
  const like = recordOf(lines[pick(lines, random)]);
  const chain = `00000000-0000-8000-8000-${Date.parse(like.time).toString(16).padStart(12, "0")}`;
  const added = rehashed({ ...like, chain, seq: 1, prev: Buffer.alloc(32).toString("base64url") });
  const place = lines.findIndex((line) => isAfter(recordOf(line), added));
  return lines.toSpliced(place < 0 ? lines.length : place, 0, lineOf(added));
};

/** One more event at the end of a chain, with the time of the one before it. */
const addToChain: Mutation = (lines, random) => {
  const { chain } = recordOf(lines[pick(lines, random)]);
  const end = recordOf(lines.findLast((line) => recordOf(line).chain === chain));
  const added = rehashed({ ...end, seq: end.seq + 1, prev: end.hash });
  const place = lines.findIndex((line) => isAfter(recordOf(line), added));
  return lines.toSpliced(place < 0 ? lines.length : place, 0, lineOf(added));
};

const cutDay: Mutation = (lines, random) => lines.slice(0, pick(lines, random));

const cutChain: Mutation = (lines, random) => {
  const { chain, seq } = recordOf(lines[pick(lines, random)]);
  return lines.filter((line) => !line.includes(chain) || recordOf(line).seq < seq);
};

const removeChain: Mutation = (lines, random) => {
  const { chain } = recordOf(lines[pick(lines, random)]);
  return lines.filter((line) => !line.includes(chain));
};

/** Half of all are changed bytes; of the others as many of each. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "a byte changed": changeByte,
  "events removed": remove,
  "neighbours swapped": swap,
  "an event moved": move,
  "an event repeated": repeat,
  "an event rewritten, with new hashes": rewrite,
  "an event removed, with new numbers and hashes": closeGap,
  "a chain added": addChain,
  "an event added to a chain": addToChain,
  "the end of a day cut off": cutDay,
  "the end of a chain cut off": cutChain,
  "a chain removed": removeChain,
};

export function pickMutation(random: () => number): string {
  const names = Object.keys(mutations);
  return random() < 0.5 ? "a byte changed" : (names[1 + Math.floor(random() * (names.length - 1))] ?? "");
}

/** The export of one day after a mutation. Its last line counts what is there, as who changed it would see to. */
export function mutatedExport(
  { day, lines }: { readonly day: string; readonly lines: readonly string[] },
  name: string,
  random: () => number,
): Buffer {
  const changed = mutations[name]?.(lines, random) ?? lines;
  const to = new Date(Date.parse(day) + 24 * 60 * 60 * 1000).toISOString();
  const first = firstLine({ from: `${day}T00:00:00.000Z`, to, type: null, account: null, at: to });
  const parts: Buffer[] = [];
  let waiting = `${first}\n`;
  for (const line of changed)
    if (typeof line === "string") waiting += `${line}\n`;
    else {
      parts.push(Buffer.from(waiting), line);
      waiting = "\n";
    }
  return Buffer.concat([...parts, Buffer.from(`${waiting}${lastLine(changed.length)}\n`)]);
}

/** The lines of a day. */
export const linesOf = ({ day, records }: MadeDay) => ({ day, lines: records.map(lineOf) });
