import { once } from "node:events";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** Where lines go. */
export interface Output {
  write(line: string): Promise<void>;
  /** Everything was written. */
  finish(): Promise<void>;
  /** Something failed: nothing is left behind. */
  abandon(): void;
}

const bufferedCharacters = 1 << 16;

/**
 * Writes lines to a file that does not exist yet and that its owner alone can read. It gets its name when it is complete.
 * @throws Error with a line to print
 */
export function openFile(file: string): Output {
  const draft = `${file}.${process.pid}.part`;
  // Taken first: nobody else's file of this name is overwritten, whoever comes in between.
  const place = create(file);
  closeSync(place);
  let descriptor: number;
  try {
    descriptor = create(draft);
  } catch (error) {
    rmSync(file);
    throw error;
  }
  let waiting = "";
  const flush = () => {
    writeAll(descriptor, waiting);
    waiting = "";
  };
  return {
    async write(line) {
      waiting += `${line}\n`;
      if (waiting.length >= bufferedCharacters) flush();
    },
    async finish() {
      flush();
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(draft, file);
    },
    abandon() {
      closeSync(descriptor);
      rmSync(draft);
      rmSync(file);
    },
  };
}

function create(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "EEXIST"
        ? "is there already: remove it, or choose another name"
        : `cannot be written (${code ?? "unknown cause"})`;
    throw new Error(`${file} ${reason}`, { cause: error });
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

/** Writes lines to a stream as fast as it takes them. */
export function toStream(stream: NodeJS.WritableStream): Output {
  let waiting = "";
  const flush = async () => {
    const text = waiting;
    waiting = "";
    if (!stream.write(text)) await once(stream, "drain");
  };
  return {
    async write(line) {
      waiting += `${line}\n`;
      if (waiting.length >= bufferedCharacters) await flush();
    },
    finish: flush,
    abandon: () => {},
  };
}
