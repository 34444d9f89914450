import { createPublicKey, type JsonWebKey } from "node:crypto";
import { PasskeyFault } from "./credential.ts";

/** COSE's numbers of the algorithms that passkeys may have (RFC 9053; RFC 8812), the first one preferred. */
export const algorithms = [-7, -8, -257] as const;

export type PasskeyAlgorithm = (typeof algorithms)[number];

/** The labels of a COSE_Key: RFC 9052, section 7; RFC 9053, section 7; RFC 8230, section 4. */
const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;

/** For each algorithm the only kind of key that it may have: otherwise a key says how its signatures are verified. */
const kinds: Readonly<Record<PasskeyAlgorithm, (key: CoseKey) => JsonWebKey | undefined>> = {
  [-7]: (key) => {
    const [x, y] = [bytes(key.get(label.x), [32, 32]), bytes(key.get(label.y), [32, 32])];
    const isOfCurve = key.get(label.kty) === 2 && key.get(label.crv) === 1;
    return isOfCurve && x !== undefined && y !== undefined ? { kty: "EC", crv: "P-256", x, y } : undefined;
  },
  [-8]: (key) => {
    const x = bytes(key.get(label.x), [32, 32]);
    const isOfCurve = key.get(label.kty) === 1 && key.get(label.crv) === 6;
    return isOfCurve && x !== undefined ? { kty: "OKP", crv: "Ed25519", x } : undefined;
  },
  // From 2048 bits to 4096: verifying takes longer with each bit, and whoever registers chooses them.
  [-257]: (key) => {
    const [n, e] = [bytes(key.get(label.n), [256, 512]), bytes(key.get(label.e), [3, 3])];
    return key.get(label.kty) === 3 && n !== undefined && e === "AQAB" ? { kty: "RSA", n, e } : undefined;
  },
};

export type CoseKey = ReadonlyMap<unknown, unknown>;

/** The algorithm of a public key. @throws PasskeyFault if the key is none of the kinds that passkeys may have */
export function algorithmOf(key: CoseKey): PasskeyAlgorithm {
  const algorithm = algorithms.find((one) => one === key.get(label.alg));
  const jwk = algorithm && kinds[algorithm](key);
  if (algorithm === undefined || !jwk || !canBeKey(jwk)) throw new PasskeyFault("the public key is of no known kind");
  return algorithm;
}

/** Whether a point is on its curve. */
function canBeKey(jwk: JsonWebKey): boolean {
  try {
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function bytes(value: unknown, [least, most]: readonly [number, number]): string | undefined {
  const fits = value instanceof Uint8Array && value.length >= least && value.length <= most;
  return fits ? Buffer.from(value).toString("base64url") : undefined;
}
