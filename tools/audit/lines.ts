import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";

/** A line of a file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Its text without the end; undefined if `fault` says why there is none. */
  readonly text: string | undefined;
  readonly fault?: string;
  /** How many bytes of the file were read, in all, when it was. */
  readonly read: number;
}

const chunkBytes = 1 << 20;

/**
 * The lines of a file, of which a chunk at a time is in memory. Any bytes are taken: what is too long, is not UTF-8 or
 * lacks the end of a line is told as that line's fault.
 * @param mostBytes the longest line that is read
 * @throws Error with a line to print, if the file cannot be read
 */
export function* readLines(file: string, mostBytes: number): Generator<Line> {
  const descriptor = explained(file, () => openSync(file, "r"));
  try {
    let number = 0;
    let read = 0;
    /** What was read of the next line; undefined while a line is skipped because it is too long. */
    let rest: Buffer | undefined = nothing;
    for (;;) {
      const chunk: Buffer = Buffer.allocUnsafe(chunkBytes);
      const size = explained(file, () => readSync(descriptor, chunk));
      if (size === 0) break;
      read += size;
      const filled = chunk.subarray(0, size);
      let from = filled.indexOf(newline) + 1;
      if (from > 0) {
        number += 1;
        const part = filled.subarray(0, from - 1);
        yield {
          number,
          read,
          ...(rest ? judge(rest.length > 0 ? Buffer.concat([rest, part]) : part, mostBytes) : tooLong),
        };
        rest = nothing;
      }
      // Almost always all of them are good, which costs less to find out at once.
      const areGood = isUtf8(filled.subarray(from, filled.lastIndexOf(newline) + 1));
      for (let end = filled.indexOf(newline, from); end >= 0; end = filled.indexOf(newline, from)) {
        number += 1;
        if (areGood && end - from <= mostBytes) yield { number, read, text: filled.toString("utf8", from, end) };
        else yield { number, read, ...judge(filled.subarray(from, end), mostBytes) };
        from = end + 1;
      }
      if (rest) rest = Buffer.concat([rest, filled.subarray(from)]);
      if (rest && rest.length > mostBytes) rest = undefined;
    }
    if (!rest) yield { number: number + 1, read, ...tooLong };
    else if (rest.length > 0)
      yield { number: number + 1, read, text: undefined, fault: "has no end: the file was cut off" };
  } finally {
    closeSync(descriptor);
  }
}

const nothing = Buffer.alloc(0);
const newline = 0x0a;
const tooLong = { text: undefined, fault: "is longer than any that an export writes" };

function judge(bytes: Buffer, mostBytes: number): Pick<Line, "text" | "fault"> {
  if (bytes.length > mostBytes) return tooLong;
  // Decoded, some wrong bytes would look like the character that stands for wrong bytes, which a record may have.
  return isUtf8(bytes) ? { text: bytes.toString() } : { text: undefined, fault: "is not UTF-8" };
}

function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown cause"})`, {
      cause: error,
    });
  }
}
