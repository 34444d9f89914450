// Lets the files of a process use the RSA keys that the files before them have made: a pair takes 50 ms of a processor, and
// each service makes one. Within a file no pair comes twice.
import type { webcrypto } from "node:crypto";

/** What generates a pair, as text: algorithm, whether it can be exported, and its uses. */
const kept = new Map<string, Promise<webcrypto.CryptoKeyPair>[]>();
/** How many the file that runs has used of each. */
const used = new Map<string, number>();

type Generate = (
  algorithm: Partial<webcrypto.RsaHashedKeyGenParams>,
  ...rest: unknown[]
) => Promise<webcrypto.CryptoKeyPair>;

let isKeeping = false;

/** For the setup alone: another file begins. */
export function keepKeys(): void {
  used.clear();
  if (isKeeping) return;
  isKeeping = true;
  const generate = SubtleCrypto.prototype.generateKey as unknown as Generate;
  const generateKept: Generate = function (this: webcrypto.SubtleCrypto, algorithm, ...rest) {
    const make = () => Reflect.apply(generate, this, [algorithm, ...rest]);
    if (!algorithm.name?.startsWith("RSA")) return make();
    const what = JSON.stringify([algorithm, ...rest]);
    const count = used.get(what) ?? 0;
    used.set(what, count + 1);
    const pairs = kept.get(what) ?? [];
    kept.set(what, pairs);
    return (pairs[count] ??= make());
  };
  Object.assign(SubtleCrypto.prototype, { generateKey: generateKept });
}
