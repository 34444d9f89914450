import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { verifyAssertion } from "../../shared/passkeys/assertion.ts";
import { verifyAttestation } from "../../shared/passkeys/attestation.ts";
import { readClientData } from "../../shared/passkeys/credential.ts";
import { create, get, selfAttestation, type Algorithm, type Making, type Twist } from "../../tests/support/webauthn.ts";
import { check } from "./outcomes.ts";

/** Debian's own Python, whatever else is on the path. */
const python = "/usr/bin/python3";

/** Whether Debian's `python3-fido2` is here. */
export const hasFido2 = (): boolean => spawnSync(python, ["-c", "import fido2"]).status === 0;

/** A ceremony as the other verifier takes it, and what ours makes of it. */
interface Ceremony {
  readonly what: string;
  readonly given: object;
  readonly isGood: boolean;
}

/** Compares what we make of attestations and assertions, right and wrong ones, with what python3-fido2 makes of them. */
export async function checkPasskeys(): Promise<void> {
  const ceremonies: Ceremony[] = [];
  for (const algorithm of ["ES256", "EdDSA", "RS256"] as const) {
    for (const attestation of [undefined, selfAttestation]) {
      const making = { algorithm, ...(attestation && { attestation }) };
      for (const [what, twist] of Object.entries(created))
        ceremonies.push(await creation(what, { ...making, ...twist }));
    }
    for (const [what, twist] of Object.entries(shown)) ceremonies.push(await assertion(what, { algorithm, twist }));
  }
  const input = JSON.stringify(ceremonies.map(({ given }) => given));
  const script = path.join(import.meta.dirname, "fido2_verify.py");
  const { stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8" });
  if (stderr !== "") console.log(stderr);
  const theirs = JSON.parse(stdout || "[]") as boolean[];
  ceremonies.forEach(({ what, isGood }, at) =>
    check(`passkeys: ${what}: ${isGood ? "right" : "wrong"}, as python3-fido2 says`, theirs[at] === isGood),
  );
  check("passkeys: both right and wrong ones were compared", new Set(theirs).size === 2);
}

const [rpId, origin] = ["example.com", "https://app.example.com"];

const wrong = {
  "another origin": { origin: "https://evil.test" },
  "another domain": { rpId: "evil.test" },
  "no gesture of a user": { isUserPresent: false },
  "another challenge": { challenge: randomBytes(32).toString("base64url") },
} as const;

const created: Readonly<Record<string, Making>> = {
  "a new credential": {},
  "a new credential whose user was not verified": { isUserVerified: false },
  "a new credential with an id of 1023 bytes": { credentialId: Buffer.alloc(1023, 7) },
  "a new credential of another ceremony": { type: "webauthn.get" },
  ...Object.fromEntries(Object.entries(wrong).map(([what, twist]) => [`a new credential with ${what}`, twist])),
};

const shown: Readonly<Record<string, Twist>> = {
  "an assertion": {},
  "an assertion whose user was not verified": { isUserVerified: false },
  "an assertion with a high count": { count: 0xffffffff },
  "an assertion of another ceremony": { type: "webauthn.create" },
  "an assertion with a wrong signature": {
    signature: (bytes) => Buffer.from(bytes.map((byte, at) => byte ^ Number(at === 40))),
  },
  ...Object.fromEntries(Object.entries(wrong).map(([what, twist]) => [`an assertion with ${what}`, twist])),
};

function begin() {
  const challenge = randomBytes(32).toString("base64url");
  const user = { id: randomBytes(32).toString("base64url") };
  return { challenge, options: { rp: { id: rpId }, user, challenge } };
}

async function creation(what: string, making: Making & { algorithm: Algorithm }): Promise<Ceremony> {
  const { challenge, options } = begin();
  const { credential } = create(origin, options, making);
  const form = making.attestation ? "self-signed" : "none";
  const isGood = await isTaken(async () => {
    readClientData(credential.response.clientDataJSON, { type: "webauthn.create", origins: [origin] });
    return verifyAttestation(credential, { rpId, origins: [origin], challenge, isConditional: false });
  });
  const given = { rpId, origin, challenge, id: credential.id, created: credential.response };
  return { what: `${making.algorithm}, ${form}: ${what}`, given, isGood };
}

async function assertion(
  what: string,
  { algorithm, twist }: { algorithm: Algorithm; twist: Twist },
): Promise<Ceremony> {
  const { challenge, options } = begin();
  const { made, credential } = create(origin, options, { algorithm, doesCount: true });
  const expected = { rpId, origins: [origin], challenge };
  const { publicKey, isBackupEligible } = await verifyAttestation(credential, { ...expected, isConditional: false });
  const answer = get(origin, { rpId, challenge }, made, twist);
  const isGood = await isTaken(async () => {
    readClientData(answer.response.clientDataJSON, { type: "webauthn.get", origins: [origin] });
    return verifyAssertion(answer, { ...expected, key: { publicKey, isBackupEligible } });
  });
  const given = { rpId, origin, challenge, id: answer.id, created: credential.response, shown: answer.response };
  return { what: `${algorithm}: ${what}`, given, isGood };
}

const isTaken = (work: () => Promise<unknown>): Promise<boolean> =>
  work().then(
    (result) => result !== undefined,
    () => false,
  );
