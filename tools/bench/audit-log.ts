import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { makeAnchor, anchorType, type Head } from "../../shared/audit/anchors/anchor.ts";
import { canonicalJson, digestOf, hashOf, noHash, type AuditRecord } from "../../shared/audit/chain/record.ts";
import { eventTypeOf, keptTypes } from "../../shared/audit/event-types.ts";
import type { ExportedRecord } from "../audit/exported-record.ts";

/** Numbers from 0 to below 1 that a seed determines: what failed once fails again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  // Mulberry32, by Tommy Ettinger, in the public domain.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface MadeLogOptions {
  readonly seed: number;
  /** The first day, `2026-01-01`. */
  readonly firstDay: string;
  readonly days: number;
  readonly eventsADay: number;
  /** How many chains a day is written in. */
  readonly chainsADay: number;
  readonly anchorsADay: number;
}

export interface MadeDay {
  readonly day: string;
  /** By time, chain and number. */
  readonly records: readonly ExportedRecord[];
  /** The last one was made after the last event. */
  readonly anchors: readonly string[];
}

export interface MadeLog {
  readonly days: Generator<MadeDay>;
  /** The key set that the anchors are signed with. */
  readonly jwks: { readonly keys: readonly object[] };
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Makes an audit log as the service would have written it, day by day. */
export function makeLog(options: MadeLogOptions): MadeLog {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "made", use: "sig", alg: "ES256" };
  return { days: makeDays(options, signerWith(privateKey, jwk)), jwks: { keys: [jwk] } };
}

function* makeDays(options: MadeLogOptions, signed: (claims: object) => string): Generator<MadeDay> {
  const random = seeded(options.seed);
  let last: { number: number; jws: string } | undefined;
  for (let place = 0; place < options.days; place += 1) {
    const start = Date.parse(options.firstDay) + place * dayMilliseconds;
    const records = makeRecords(start, options, random);
    const anchors: string[] = [];
    const width = dayMilliseconds / options.anchorsADay;
    for (let from = start; from < start + dayMilliseconds; from += width) {
      const [begin, end] = [new Date(from).toISOString(), new Date(from + width - 1).toISOString()];
      const heads = new Map<string, Head>();
      for (const { chain, seq: count, hash, time } of records)
        if (time >= begin && time <= end) heads.set(chain, { chain, count, hash });
      if (heads.size === 0) continue;
      const anchor = makeAnchor([...heads.values()], { last, now: new Date(from + width - 1) });
      const jws = signed(anchor);
      last = { number: anchor.number, jws };
      anchors.push(jws);
    }
    yield { day: new Date(start).toISOString().slice(0, 10), records, anchors };
  }
}

function makeRecords(
  start: number,
  { eventsADay, chainsADay }: MadeLogOptions,
  random: () => number,
): ExportedRecord[] {
  const times = Array.from({ length: eventsADay }, () => start + Math.floor(random() * (dayMilliseconds - 1000)));
  // Some happen at the same instant.
  for (let place = 1; place < times.length; place += 7) times[place] = times[place - 1] ?? start;
  const chains = Array.from({ length: chainsADay }, () => ({ id: "", seq: 0, hash: noHash }));
  const people = Array.from({ length: 20 }, () => uuid(random));
  const records = times
    .toSorted((one, other) => one - other)
    .map((at) => {
      const chain = chains[Math.floor(random() * chains.length)] ?? { id: "", seq: 0, hash: noHash };
      if (chain.seq === 0) chain.id = uuid(random, at);
      chain.seq += 1;
      const type = keptTypes[Math.floor(random() * keptTypes.length)] ?? "sign_in.failed";
      const { outcome, actor } = eventTypeOf(type);
      const subject = random() < 0.9 ? (people[Math.floor(random() * people.length)] ?? null) : null;
      const personal = canonicalJson({ address: `192.0.2.${Math.floor(random() * 256)}`, user_agent: agent }) ?? "{}";
      const salt = bytes(random, 16);
      const record = {
        chain: chain.id,
        seq: chain.seq,
        id: uuid(random, at),
        type,
        outcome,
        time: new Date(at).toISOString(),
        actor,
        actorId: actor === "person" ? subject : null,
        subject,
        reason: random() < 0.2 ? "the password is wrong" : null,
        details: random() < 0.3 ? canonicalJson({ provider: "google", count: 1 + Math.floor(random() * 9) }) : null,
        personal,
        salt,
        personalDigest: digestOf(salt, personal),
        prev: chain.hash,
      };
      chain.hash = hashOf(record);
      return exportedRecord({ ...record, hash: chain.hash });
    });
  return records.toSorted((one, other) => order(one, other));
}

/** A record as an export has it. */
export function exportedRecord(record: AuditRecord): ExportedRecord {
  return {
    ...record,
    salt: record.salt?.toString("base64url") ?? null,
    personalDigest: record.personalDigest.toString("base64url"),
    prev: record.prev.toString("base64url"),
    hash: record.hash.toString("base64url"),
  };
}

function order(one: ExportedRecord, other: ExportedRecord): number {
  if (one.time !== other.time) return one.time < other.time ? -1 : 1;
  return one.chain === other.chain ? one.seq - other.seq : one.chain < other.chain ? -1 : 1;
}

const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

function bytes(random: () => number, count: number): Buffer {
  const made = Buffer.alloc(count);
  for (let place = 0; place < count; place += 4) made.writeUInt32BE(Math.floor(random() * 2 ** 32), place);
  return made;
}

/** A UUIDv8; with an instant, as `newId` makes it. */
function uuid(random: () => number, at?: number): string {
  const made = bytes(random, 16);
  made.writeUInt8((made.readUInt8(6) & 0x0f) | 0x80, 6);
  made.writeUInt8((made.readUInt8(8) & 0x3f) | 0x80, 8);
  if (at !== undefined) made.writeUIntBE(at, 10, 6);
  const hex = made.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function signerWith(privateKey: KeyObject, jwk: object): (claims: object) => string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const header = encode({ alg: "ES256", kid: "made", typ: anchorType, jwk });
  return (claims) => {
    const text = `${header}.${encode(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
}
