/**
 * A record as an export has it, with bytes as base64url. Its strings may be anything: what reads records to verify them
 * must not change them.
 */
export interface ExportedRecord {
  readonly chain: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly outcome: string;
  readonly time: string;
  readonly actor: string;
  readonly actorId: string | null;
  readonly subject: string | null;
  readonly reason: string | null;
  /** JSON, as it was hashed. */
  readonly details: string | null;
  /** JSON, as its digest was made. */
  readonly personal: string | null;
  readonly salt: string | null;
  readonly personalDigest: string;
  readonly prev: string;
  readonly hash: string;
}

/** Whether a record's place is after another's: by time, chain and number. */
export function isAfter(one: ExportedRecord, other: ExportedRecord): boolean {
  if (one.time !== other.time) return one.time > other.time;
  return one.chain === other.chain ? one.seq > other.seq : one.chain > other.chain;
}

/** A record's line in an export, without the line's end. */
export function lineOf(record: ExportedRecord): string {
  const { chain, seq, id, type, outcome, time, actor, actorId, subject, reason } = record;
  const front = JSON.stringify({ chain, seq, id, type, outcome, time, actor, actor_id: actorId, subject, reason });
  const { salt, personalDigest, prev, hash } = record;
  const back = JSON.stringify({ salt, personal_digest: personalDigest, prev, hash });
  const middle = `"details":${embedded(record.details)},"personal":${embedded(record.personal)}`;
  return `${front.slice(0, -1)},${middle},${back.slice(1)}`;
}

/**
 * Reads a record's line, the inverse of `lineOf`: of two lines that mean the same, it accepts the one that an export
 * writes.
 * @returns the record, or what is wrong with the line
 */
export function readRecordLine(line: string): ExportedRecord | string {
  return readPlainLine(line) ?? readAnyLine(line);
}

const quoted = String.raw`"([^"\\\p{Cc}]*)"`;
const textOrNull = `(?:null|${quoted})`;
const objectOrNull = String.raw`(?:null|(\{[^{}\\\p{Cc}]*\}))`;
const plainLine = new RegExp(
  `^\\{"chain":${quoted},"seq":(0|[1-9]\\d{0,9}),"id":${quoted},"type":${quoted},"outcome":${quoted},"time":${quoted},"actor":${quoted},` +
    `"actor_id":${textOrNull},"subject":${textOrNull},"reason":${textOrNull},"details":${objectOrNull},` +
    `"personal":${objectOrNull},"salt":${textOrNull},"personal_digest":${quoted},"prev":${quoted},"hash":${quoted}\\}$`,
  "u",
);

/**
 * Reads a line without anything that is escaped or nested, as nearly all are, in half of the time. What is in the objects is
 * for the hashes to judge.
 * @returns undefined if the line is anything else
 */
function readPlainLine(line: string): ExportedRecord | undefined {
  const found = plainLine.exec(line);
  if (!found) return undefined;
  // One literal, without an iterator over what was found: this runs once for each event of years.
  return {
    chain: found[1],
    seq: Number(found[2]),
    id: found[3],
    type: found[4],
    outcome: found[5],
    time: found[6],
    actor: found[7],
    actorId: found[8] ?? null,
    subject: found[9] ?? null,
    reason: found[10] ?? null,
    details: found[11] ?? null,
    personal: found[12] ?? null,
    salt: found[13] ?? null,
    personalDigest: found[14],
    prev: found[15],
    hash: found[16],
  } as ExportedRecord;
}

function readAnyLine(line: string): ExportedRecord | string {
  const found = parseObject(line);
  if (!found) return "is not a JSON object";
  const { details, personal } = found;
  for (const name of texts) if (typeof found[name] !== "string") return `has no text as ${name}`;
  for (const name of textsOrNull)
    if (found[name] !== null && typeof found[name] !== "string") return `has neither a text nor null as ${name}`;
  if (!Number.isSafeInteger(found["seq"])) return "has no whole number as seq";
  if (!isFlatOrNull(details)) return "has neither a flat object nor null as details";
  if (!isFlatOrNull(personal)) return "has neither a flat object nor null as personal";
  const { chain, seq, id, type, outcome, time, actor, actor_id: actorId, subject, reason } = found;
  const { salt, personal_digest: personalDigest, prev, hash } = found;
  const [detailsText, personalText] = [details && JSON.stringify(details), personal && JSON.stringify(personal)];
  const front = { chain, seq, id, type, outcome, time, actor, actorId, subject, reason };
  const record = {
    ...front,
    details: detailsText,
    personal: personalText,
    salt,
    personalDigest,
    prev,
    hash,
  } as ExportedRecord;
  return lineOf(record) === line ? record : "is not written as an export writes it";
}

const texts = ["chain", "id", "type", "outcome", "time", "actor", "personal_digest", "prev", "hash"] as const;
const textsOrNull = ["actor_id", "subject", "reason", "salt"] as const;

/** The object that a text of JSON is; undefined if it is none. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing deep: what is nested may exhaust the stack of who writes it again. */
function isFlatOrNull(value: unknown): value is object | null {
  if (value === null) return true;
  if (typeof value !== "object" || Array.isArray(value)) return false;
  return Object.values(value).every((member) => typeof member === "string" || typeof member === "number");
}

/**
 * JSON within a line. A text that is none, because somebody changed it in the database, is written as a string: the line
 * stays one, and whoever verifies it sees the change.
 */
function embedded(json: string | null): string {
  if (json === null) return "null";
  return json.startsWith("{") && json.endsWith("}") && !json.includes("\n") ? json : JSON.stringify(json);
}
