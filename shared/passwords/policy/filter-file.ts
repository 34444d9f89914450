import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createFuseFilter, type FuseFilter, type FuseParts } from "./fuse-filter.ts";

/** The first bytes of a filter's file: what it is, and in which form. */
const magic = Buffer.from("latchkey passwords 1\n");
/** Seed, length of a segment, number of segments: 32 bits each, little-endian, as everything here. */
const headBytes = magic.length + 12;
const checksumBytes = 32;

/** A filter as a file: the head, the fingerprints, and the SHA-256 of both. */
export function writeFilter({ seed, segmentLength, segments, fingerprints }: FuseParts): Buffer {
  const file = Buffer.alloc(headBytes + 2 * fingerprints.length + checksumBytes);
  magic.copy(file);
  [seed, segmentLength, segments].forEach((value, place) => file.writeUInt32LE(value, magic.length + 4 * place));
  fingerprints.forEach((value, place) => file.writeUInt16LE(value, headBytes + 2 * place));
  checksumOf(file).copy(file, file.length - checksumBytes);
  return file;
}

const checksumOf = (file: Buffer): Buffer => createHash("sha256").update(file.subarray(0, -checksumBytes)).digest();

/** Why a file is no filter. The message says it as a rule for the setting. */
export class FilterFileFault extends Error {}

/** Reads a filter's file whole. @throws FilterFileFault */
export function readFilter(path: string): FuseFilter {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    throw new FilterFileFault(
      `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
    );
  }
  if (!file.subarray(0, magic.length).equals(magic))
    throw new FilterFileFault("must name a file that `npm run passwords -- build` has made");
  const [seed = 0, segmentLength = 0, segments = 0] = [0, 4, 8].map((at) =>
    file.length < headBytes ? 0 : file.readUInt32LE(magic.length + at),
  );
  const length = (segments + 2) * segmentLength;
  if (file.length !== headBytes + 2 * length + checksumBytes || segmentLength === 0)
    throw new FilterFileFault("names a file that is cut off or has grown: make it again");
  if (!checksumOf(file).equals(file.subarray(-checksumBytes)))
    throw new FilterFileFault("names a file that is damaged: its checksum differs. Make it again");
  const fingerprints = new Uint16Array(length);
  for (let place = 0; place < length; place += 1) fingerprints[place] = file.readUInt16LE(headBytes + 2 * place);
  return createFuseFilter({ seed, segmentLength, segments, fingerprints });
}
