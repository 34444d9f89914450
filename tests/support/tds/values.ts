import { u16, u8, ucs2, type Reader } from "./bytes.ts";

/** How a column of one type is described and its values are written ([MS-TDS] 2.2.5). */
export interface ColumnType {
  readonly info: Buffer;
  write(value: unknown): Buffer;
}

const noCollation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const dayMilliseconds = 86_400_000;
/** Days from 0001-01-01 to 1970-01-01. */
const epochDays = 719_162;

const withLength = (bytes: Buffer) => Buffer.concat([u8(bytes.length), bytes]);
const nullable = (write: (value: unknown) => Buffer, none: Buffer) => (value: unknown) =>
  value === null || value === undefined ? none : write(value);

function integer(length: number): ColumnType {
  const write = (value: unknown) => {
    const bytes = Buffer.alloc(length);
    if (length === 8) bytes.writeBigInt64LE(BigInt(value as number));
    else bytes.writeInt32LE(Number(value));
    return withLength(bytes);
  };
  return { info: u8(0x26, length), write: nullable(write, u8(0)) };
}

const guid: ColumnType = {
  info: u8(0x24, 16),
  write: nullable((value) => withLength(guidBytes(String(value))), u8(0)),
};
const bit: ColumnType = { info: u8(0x68, 1), write: nullable((value) => u8(1, Number(value)), u8(0)) };
const nvarchar: ColumnType = {
  info: Buffer.concat([u8(0xe7), u16(8000), noCollation]),
  write: nullable((value) => {
    const bytes = ucs2(String(value));
    return Buffer.concat([u16(bytes.length), bytes]);
  }, u16(0xffff)),
};
const varbinary: ColumnType = {
  info: Buffer.concat([u8(0xa5), u16(8000)]),
  write: nullable((value) => {
    const bytes = Buffer.from(value as Uint8Array);
    return Buffer.concat([u16(bytes.length), bytes]);
  }, u16(0xffff)),
};
const datetime2: ColumnType = {
  info: u8(0x2a, 3),
  write: nullable((value) => {
    const milliseconds = new Date(value as string | Date).getTime();
    const days = Math.floor(milliseconds / dayMilliseconds);
    const bytes = Buffer.alloc(7);
    bytes.writeUIntLE(milliseconds - days * dayMilliseconds, 0, 4);
    bytes.writeUIntLE(days + epochDays, 4, 3);
    return withLength(bytes);
  }, u8(0)),
};

/** The type of a column by its declaration, such as `nvarchar(254)`. */
export function columnType(declaration: string): ColumnType {
  const types: Record<string, ColumnType> = { uniqueidentifier: guid, bit, nvarchar, varbinary, datetime2 };
  const name = /^\w+/.exec(declaration)?.[0] ?? "";
  if (name === "int") return integer(4);
  return name === "bigint" ? integer(8) : (types[name] ?? nvarchar);
}

function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Reads a parameter's type and value as the driver writes them. */
export function readValue(reader: Reader): unknown {
  const type = reader.u8();
  if (type === 0xe7) return readNvarchar(reader);
  if (type === 0xa5) return readSized(reader, reader.u16());
  const scale = reader.u8();
  const bytes = reader.take(reader.u8());
  if (bytes.length === 0) return null;
  if (type === 0x26) return bytes.length === 8 ? Number(bytes.readBigInt64LE()) : bytes.readIntLE(0, bytes.length);
  if (type === 0x68) return bytes.readUInt8() === 1;
  if (type === 0x6d) return bytes.readDoubleLE();
  if (type === 0x2a) return readDatetime2(bytes, scale);
  throw new Error(`parameters of type 0x${type.toString(16)} are not known`);
}

function readNvarchar(reader: Reader): string | null {
  const longest = reader.u16();
  reader.take(noCollation.length);
  return readSized(reader, longest)?.toString("utf16le") ?? null;
}

/** A value with its length before it; a `max` type comes in pieces. */
function readSized(reader: Reader, longest: number): Buffer | null {
  if (longest !== 0xffff) {
    const length = reader.u16();
    return length === 0xffff ? null : reader.take(length);
  }
  if (reader.take(8).readBigUInt64LE() === 0xffff_ffff_ffff_ffffn) return null;
  const pieces: Buffer[] = [];
  for (let length = reader.u32(); length > 0; length = reader.u32()) pieces.push(reader.take(length));
  return Buffer.concat(pieces);
}

function readDatetime2(bytes: Buffer, scale: number): Date {
  const timeLength = bytes.length - 3;
  const milliseconds = bytes.readUIntLE(0, timeLength) * 10 ** (3 - scale);
  return new Date((bytes.readUIntLE(timeLength, 3) - epochDays) * dayMilliseconds + milliseconds);
}
