/**
 * A binary fuse filter with fingerprints of 16 bits: it knows every key that it was made of, and takes one of 65,536
 * others for known, at 18 bits a key (T. M. Graf, D. Lemire: Binary Fuse Filters: Fast and Smaller Than Xor Filters, ACM
 * Journal of Experimental Algorithmics 27, 2022). Keys are the first eight bytes of SHA-1 hashes, which are spread evenly.
 */
export interface FuseFilter {
  /** Whether a hash is known. @param hash of eight bytes at least */
  has(hash: Uint8Array): boolean;
}

/** What a filter consists of. */
export interface FuseParts {
  readonly seed: number;
  /** A power of two. */
  readonly segmentLength: number;
  readonly segments: number;
  /** `(segments + 2) * segmentLength` of them. */
  readonly fingerprints: Uint16Array;
}

export function createFuseFilter({ seed, segmentLength, segments, fingerprints }: FuseParts): FuseFilter {
  const place = createPlaces({ seed, segmentLength, segments });
  return {
    has(hash) {
      const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
      const { first, second, third, fingerprint } = place(view.getUint32(0), view.getUint32(4));
      const found = at(fingerprints, first) ^ at(fingerprints, second) ^ at(fingerprints, third);
      return found === fingerprint;
    },
  };
}

const at = (values: Uint16Array | Uint32Array, index: number): number => values[index] ?? 0;

interface Place {
  first: number;
  second: number;
  third: number;
  fingerprint: number;
}

/** @returns a function that gives a key's three places, in segments beside each other, and its fingerprint; reuses its answer */
export function createPlaces({ seed, segmentLength, segments }: Omit<FuseParts, "fingerprints">) {
  const place: Place = { first: 0, second: 0, third: 0, fingerprint: 0 };
  const mask = segmentLength - 1;
  return (high: number, low: number): Place => {
    const one = mix(high ^ seed);
    const two = mix(low ^ one);
    const three = mix(two ^ Math.imul(seed, 0x9e3779b1) ^ high);
    const start = Math.floor((one / 0x1_0000_0000) * segments) * segmentLength;
    place.first = start + (two & mask);
    place.second = start + segmentLength + (three & mask);
    place.third = start + 2 * segmentLength + (mix(three ^ low) & mask);
    place.fingerprint = mix(one ^ three ^ 0x5bd1e995) >>> 16;
    return place;
  };
}

/** The finalizer of MurmurHash3: every bit of the value changes half of the bits of the result. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
