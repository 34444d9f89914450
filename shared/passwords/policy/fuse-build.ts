import { createPlaces, type FuseParts } from "./fuse-filter.ts";

/** Keys, two words each: the first four bytes of a hash, and the next four. */
export type Keys = Uint32Array<ArrayBuffer>;

/**
 * Makes the filter of some keys, which need not be sorted or distinct: takes 60 bytes of memory and about two
 * microseconds for each. Every seed but one in a hundred works.
 * @param keys is sorted in place
 * @throws Error if no seed works, which means that the keys are no hashes
 */
export function buildFuseFilter(keys: Keys): FuseParts {
  const distinct = distinctKeys(keys);
  const size = sizeFor(distinct.length / 2);
  for (let seed = 1; seed <= attempts; seed += 1) {
    const fingerprints = tryBuild(distinct, { seed, ...size });
    if (fingerprints) return { seed, ...size, fingerprints };
  }
  throw new Error("these hashes are not spread evenly, so no filter can be made of them");
}

const attempts = 100;

function distinctKeys(keys: Keys): Keys {
  // The order of the two words in memory is the machine's; equal keys come to stand beside each other in any.
  new BigUint64Array(keys.buffer, keys.byteOffset, keys.length / 2).sort();
  let end = 0;
  for (let at = 0; at < keys.length; at += 2) {
    const [high = 0, low = 0] = [keys[at], keys[at + 1]];
    if (end > 0 && keys[end - 2] === high && keys[end - 1] === low) continue;
    keys[end] = high;
    keys[end + 1] = low;
    end += 2;
  }
  return keys.subarray(0, end);
}

/** The sizes that the paper's authors found (their reference implementation, for three places a key). */
export function sizeFor(count: number): { readonly segmentLength: number; readonly segments: number } {
  const bits = Math.floor(Math.log(Math.max(count, 2)) / Math.log(3.33) + 2.25);
  const segmentLength = 2 ** Math.min(18, Math.max(2, bits));
  const factor = Math.max(1.125, 0.875 + (0.25 * Math.log(1_000_000)) / Math.log(Math.max(count, 2)));
  const segments = Math.max(1, Math.ceil((count * factor) / segmentLength) - 2);
  return { segmentLength, segments };
}

/** Takes key after key away that has a place alone, and fills these places in the opposite order. */
function tryBuild(keys: Keys, parts: Omit<FuseParts, "fingerprints">): Uint16Array | undefined {
  const count = keys.length / 2;
  const length = (parts.segments + 2) * parts.segmentLength;
  const place = createPlaces(parts);
  const placeOf = (key: number) => place(keys[2 * key] ?? 0, keys[2 * key + 1] ?? 0);
  // Of the keys at each place: how many, and their numbers, each one xor the next.
  const [crowd, keysThere] = [new Uint32Array(length), new Uint32Array(length)];
  const toggle = (key: number, by: 1 | -1): void => {
    const { first, second, third } = placeOf(key);
    for (const slot of [first, second, third]) {
      crowd[slot] = (crowd[slot] ?? 0) + by;
      keysThere[slot] = (keysThere[slot] ?? 0) ^ key;
    }
  };
  for (let key = 0; key < count; key += 1) toggle(key, 1);
  const [order, places] = [new Uint32Array(count), new Uint32Array(count)];
  const alone = new Uint32Array(length + 3 * count);
  let [taken, waiting] = [0, 0];
  for (let slot = 0; slot < length; slot += 1) if (crowd[slot] === 1) alone[waiting++] = slot;
  while (waiting > 0) {
    const slot = alone[(waiting -= 1)] ?? 0;
    if (crowd[slot] !== 1) continue;
    const key = keysThere[slot] ?? 0;
    order[taken] = key;
    places[taken++] = slot;
    toggle(key, -1);
    const { first, second, third } = placeOf(key);
    for (const other of [first, second, third]) if (crowd[other] === 1) alone[waiting++] = other;
  }
  return taken === count ? fill({ order, places, length }, placeOf) : undefined;
}

function fill(
  { order, places, length }: { order: Uint32Array; places: Uint32Array; length: number },
  placeOf: (key: number) => ReturnType<ReturnType<typeof createPlaces>>,
): Uint16Array {
  const values = new Uint16Array(length);
  for (let turn = order.length - 1; turn >= 0; turn -= 1) {
    const { first, second, third, fingerprint } = placeOf(order[turn] ?? 0);
    // Its own place is still 0.
    const others = (values[first] ?? 0) ^ (values[second] ?? 0) ^ (values[third] ?? 0);
    values[places[turn] ?? 0] = fingerprint ^ others;
  }
  return values;
}
