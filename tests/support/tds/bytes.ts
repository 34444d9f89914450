/** Reads a message from its start to its end. */
export class Reader {
  readonly bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  take(length: number): Buffer {
    const part = this.bytes.subarray(this.offset, this.offset + length);
    if (part.length < length) throw new Error("the message is too short");
    this.offset += length;
    return part;
  }

  u8 = () => this.take(1).readUInt8();
  u16 = () => this.take(2).readUInt16LE();
  u32 = () => this.take(4).readUInt32LE();
  int = (length: number) => this.take(length).readIntLE(0, length);
  text = (characters: number) => this.take(characters * 2).toString("utf16le");
}

export const u8 = (...values: number[]) => Buffer.from(values);

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

export const ucs2 = (text: string) => Buffer.from(text, "utf16le");
/** Text with its length in characters before it: in one byte, or in two. */
export const shortText = (text: string) => Buffer.concat([u8(text.length), ucs2(text)]);
export const longText = (text: string) => Buffer.concat([u16(text.length), ucs2(text)]);
