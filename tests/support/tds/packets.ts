import type { Duplex } from "node:stream";

export interface Message {
  readonly type: number;
  readonly bytes: Buffer;
}

const headerLength = 8;
const longestPacket = 4096;

/** Puts the packets of a stream together to messages; [MS-TDS] 2.2.3. */
export class MessageReader {
  #rest = Buffer.alloc(0);
  #parts: Buffer[] = [];

  /** The messages that are whole now. */
  add(chunk: Buffer): Message[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      if (this.#rest.length < headerLength) return messages;
      const length = this.#rest.readUInt16BE(2);
      if (this.#rest.length < length) return messages;
      const packet = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#parts.push(packet.subarray(headerLength));
      if ((packet.readUInt8(1) & 1) === 0) continue;
      messages.push({ type: packet.readUInt8(0), bytes: Buffer.concat(this.#parts) });
      this.#parts = [];
    }
  }
}

/** Writes one message in as many packets as it needs. */
export function writeMessage(stream: Duplex, bytes: Buffer, type = 4): void {
  const size = longestPacket - headerLength;
  for (let from = 0, id = 1; from === 0 || from < bytes.length; from += size, id += 1) {
    const part = bytes.subarray(from, from + size);
    const header = Buffer.from([type, from + size >= bytes.length ? 1 : 0, 0, 0, 0, 0, id & 0xff, 0]);
    header.writeUInt16BE(headerLength + part.length, 2);
    stream.write(Buffer.concat([header, part]));
  }
}
