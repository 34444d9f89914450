import { longText, Reader, shortText, u16, u32, u8 } from "./bytes.ts";
import { readText } from "./text.ts";
import { columnType, readValue } from "./values.ts";

export type TransactionChange = "begin" | "commit" | "rollback";

/** What a client asks of the server. */
export interface TdsRequest {
  /** What it does to the transaction, be it by itself or with statements that travel along; `query` where it does nothing. */
  readonly kind: TransactionChange | "query";
  readonly sql: string;
  /** The statements of `sql`, without those that begin or end a transaction. */
  readonly statements: readonly string[];
  /** The types that the parameters are declared with. */
  readonly declarations: string;
  readonly parameters: readonly unknown[];
}

export interface TdsLogin {
  readonly userName: string;
  readonly password: string;
  readonly database: string;
  /** The access token, where the login brings one. */
  readonly token: string | undefined;
}

export interface TdsError {
  readonly number: number;
  /** 16 unless given. */
  readonly severity?: number;
  readonly message: string;
}

/** Rows, by the declared type of each column. */
export interface TdsRows {
  readonly columns: readonly (readonly [name: string, declaration: string])[];
  readonly rows: readonly (readonly unknown[])[];
  /** How many rows were written, where none are returned. */
  readonly changes?: number;
}

/** What a text came to: rows or an error, and what became of the transaction meanwhile. */
export type TdsOutcome = (TdsRows | { readonly error: TdsError }) & {
  readonly transaction?: readonly TransactionChange[];
};

const transactionId = Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]);

/** Reads a request of packet type 1 (batch), 3 (remote procedure) or 14 (transaction manager); [MS-TDS] 2.2.6. */
export function readRequest(type: number, bytes: Buffer): TdsRequest {
  const reader = new Reader(bytes);
  reader.take(reader.u32() - 4);
  const nothing = { sql: "", statements: [], declarations: "", parameters: [] };
  if (type === 14) {
    const kind = ({ 5: "begin", 7: "commit", 8: "rollback" } as const)[reader.u16()];
    if (!kind) throw new Error("this transaction manager request is not known");
    return { ...nothing, kind };
  }
  if (type === 1) return { ...nothing, ...textOf(bytes.subarray(reader.offset).toString("utf16le")) };
  // sp_executesql, by its number, and two bytes of options
  if (reader.u16() !== 0xffff || reader.u16() !== 10) throw new Error("only sp_executesql is known");
  reader.u16();
  const values: unknown[] = [];
  while (!reader.isAtEnd) {
    reader.text(reader.u8());
    reader.u8();
    values.push(readValue(reader));
  }
  const [sql, declarations = "", ...parameters] = values;
  return { ...textOf(String(sql)), declarations: String(declarations), parameters };
}

function textOf(sql: string): Pick<TdsRequest, "kind" | "sql" | "statements"> {
  const { begins, statements, commits } = readText(sql);
  return { kind: commits ? "commit" : begins ? "begin" : "query", sql, statements };
}

/** Reads LOGIN7; [MS-TDS] 2.2.6.4. */
export function readLogin(bytes: Buffer): TdsLogin {
  const field = (place: number) => {
    const from = bytes.readUInt16LE(place);
    return bytes.subarray(from, from + bytes.readUInt16LE(place + 2) * 2);
  };
  const password = Buffer.from(field(44).map((byte) => ((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)));
  return {
    userName: field(40).toString("utf16le"),
    password: password.toString("utf16le"),
    database: field(68).toString("utf16le"),
    token: readToken(bytes),
  };
}

function readToken(bytes: Buffer): string | undefined {
  const reader = new Reader(bytes);
  reader.offset = bytes.readUInt32LE(bytes.readUInt16LE(56));
  for (let feature = reader.u8(); feature !== 0xff; feature = reader.u8()) {
    const data = new Reader(reader.take(reader.u32()));
    if (feature !== 2) continue;
    data.u8();
    return data.take(data.u32()).toString("utf16le");
  }
  return undefined;
}

export const done = (count?: number) =>
  Buffer.concat([u8(0xfd), u16(count === undefined ? 0 : 0x10), u16(0), u32(count ?? 0), u32(0)]);

export function writeError({ number, message, severity = 16 }: TdsError): Buffer {
  const body = Buffer.concat([
    u32(number),
    u8(1, severity),
    longText(message),
    shortText("server"),
    shortText(""),
    u32(1),
  ]);
  return Buffer.concat([u8(0xaa), u16(body.length), body, u8(0xfd), u16(0x02), u16(0), u32(0), u32(0)]);
}

export function writeLoginAck({ token }: TdsLogin): Buffer {
  const body = Buffer.concat([u8(1, 0x74, 0, 0, 4), shortText("Scripted"), u8(16, 0, 0, 0)]);
  const featureAck = token === undefined ? [] : [u8(0xae, 2), u32(0), u8(0xff)];
  return Buffer.concat([u8(0xad), u16(body.length), body, ...featureAck, done()]);
}

export function writeRows({ columns, rows, changes }: TdsRows): Buffer {
  if (columns.length === 0) return done(changes ?? 0);
  const types = columns.map(([, declaration]) => columnType(declaration));
  const head = columns.map(([name], index) =>
    Buffer.concat([u32(0), u16(1), types[index]?.info ?? u8(), shortText(name)]),
  );
  const lines = rows.map((row) =>
    Buffer.concat([u8(0xd1), ...row.map((value, index) => types[index]?.write(value) ?? u8())]),
  );
  return Buffer.concat([u8(0x81), u16(columns.length), ...head, ...lines, done(rows.length)]);
}

/** That a transaction has begun (8), was committed (9) or undone (10). */
export function writeTransactionChange(kind: TransactionChange): Buffer {
  const type = { begin: 8, commit: 9, rollback: 10 }[kind];
  const id = Buffer.concat([u8(8), transactionId]);
  const body = Buffer.concat([u8(type), ...(kind === "begin" ? [id, u8(0)] : [u8(0), id])]);
  return Buffer.concat([u8(0xe3), u16(body.length), body]);
}

/** The answer to PRELOGIN: version, and whether encryption is on (1) or not offered (2). */
export function writePrelogin({ isEncrypted }: { isEncrypted: boolean }): Buffer {
  const head = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff]);
  return Buffer.concat([head, Buffer.from([16, 0, 0, 0, 0, 0]), u8(isEncrypted ? 1 : 2)]);
}
