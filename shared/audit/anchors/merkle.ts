import { hash } from "node:crypto";

/**
 * The Merkle tree hash of RFC 9162, section 2.1.1, with SHA-256: the root over a list of byte strings, from which it can be
 * proven that one of them is in the list without showing the others.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return hash("sha256", "", "buffer");
  let level: Buffer[] = leaves.map((leaf) => hash("sha256", Buffer.concat([leafPrefix, leaf]), "buffer"));
  // Level by level, with the odd one carried up: the same tree as the RFC's, whose left half is the largest power of two.
  while (level.length > 1) level = pairsOf(level).map(nodeOf);
  return level[0] as Buffer;
}

/** They keep a leaf from passing for a node. */
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

type Pair = readonly [Buffer, Buffer?];

function pairsOf(level: readonly Buffer[]): Pair[] {
  const pairAt = (place: number) => level.slice(2 * place, 2 * place + 2) as unknown as Pair;
  return Array.from({ length: Math.ceil(level.length / 2) }, (_, place) => pairAt(place));
}

function nodeOf([left, right]: Pair): Buffer {
  return right ? hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer") : left;
}
