import type { Keys } from "../../shared/passwords/policy/fuse-build.ts";

/** Called for each million hashes. @param read bytes so far */
export type Progress = (read: number, count: number) => void;

/**
 * Reads SHA-1 hashes, one a line as 40 hex digits, with or without a colon and a count: the format in which Have I Been
 * Pwned gives its list. Lines may end in CR LF, the file may begin with a byte order mark, and empty lines do not count.
 * Takes eight bytes of memory for each.
 * @param every how many hashes between two calls of `progress`
 * @returns the first eight bytes of each hash, as the filter takes them
 * @throws Error naming the first line that has no hash, or if there is none at all
 */
export async function readHashes(
  chunks: AsyncIterable<Uint8Array>,
  progress: Progress,
  every = 1_000_000,
): Promise<Keys> {
  const keys = createGrowing();
  let [rest, read, line] = ["", 0, 0];
  const take = (text: string): void => {
    line += 1;
    const content = line === 1 ? text.replace(/^\u00EF\u00BB\u00BF/, "") : text;
    if (content === "" || content === "\r") return;
    if (!/^[\da-f]{40}(?::\d{1,15})?\r?$/i.test(content))
      throw new Error(`line ${line} has no SHA-1 hash: 40 hex digits, and perhaps a colon and a count`);
    keys.add(Number.parseInt(content.slice(0, 8), 16), Number.parseInt(content.slice(8, 16), 16));
    if (keys.count() % every === 0) progress(read, keys.count());
  };
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    // No line of such a file is longer, and a file of one line would be read whole.
    if (rest.length > longestLine) throw new Error(`line ${line + lines.length + 1} is too long to be a hash`);
    for (const text of lines) take(text);
    read += chunk.byteLength;
  }
  take(rest);
  if (keys.count() === 0) throw new Error("the file has no hashes");
  return keys.words();
}

const longestLine = 100;

/** Pairs of words, in memory that doubles when it is full. */
function createGrowing() {
  let words: Keys = new Uint32Array(2 ** 16);
  let end = 0;
  return {
    add(high: number, low: number): void {
      if (end === words.length) {
        const larger = new Uint32Array(2 * words.length);
        larger.set(words);
        words = larger;
      }
      words[end] = high;
      words[end + 1] = low;
      end += 2;
    },
    count: () => end / 2,
    words: () => words.subarray(0, end),
  };
}
