import { describe, expect, test } from "vitest";
import { nobodysKey, verifyAssertion } from "../../../shared/passkeys/assertion.ts";
import { PasskeyFault, readClientData } from "../../../shared/passkeys/credential.ts";
import {
  algorithmIds,
  cbor,
  create,
  get,
  type Algorithm,
  type Credential,
  type Twist,
} from "../../support/webauthn.ts";

const origin = "https://app.example.com";
const places = { rpId: "example.com", origins: [origin] };
const challenge = Buffer.alloc(37, 9).toString("base64url");
const user = { id: Buffer.alloc(32, 1).toString("base64url") };
const algorithms = Object.keys(algorithmIds) as Algorithm[];

const newCredential = (algorithm: Algorithm = "ES256"): Credential =>
  create(origin, { rp: { id: "example.com" }, user, challenge }, { algorithm, doesCount: true }).made;

/** What is made of an assertion, in both steps. */
function verify(made: Credential, twist: Twist = {}, key = { publicKey: cbor(made.cose), isBackupEligible: true }) {
  const shown = get(origin, { rpId: "example.com", challenge }, made, twist);
  const data = { type: "webauthn.get", origins: places.origins } as const;
  readClientData(shown.response.clientDataJSON, data);
  return verifyAssertion(shown, { ...places, challenge, key });
}

describe("20.5 an assertion", () => {
  test.each(algorithms)("of %s is taken, and says its count and flags", async (algorithm) => {
    const made = newCredential(algorithm);
    expect(await verify(made)).toEqual({ signCount: 1, isUserVerified: true, isBackedUp: true });
    const flags = { isUserVerified: false, isBackedUp: false, count: 0xffffffff };
    expect(await verify(made, flags)).toEqual({ signCount: 0xffffffff, isUserVerified: false, isBackedUp: false });
  });

  test("is of its own key alone", async () => {
    const [one, other] = [newCredential(), newCredential()];
    expect(await verify(one, {}, { publicKey: cbor(other.cose), isBackupEligible: true })).toBeUndefined();
    for (const algorithm of algorithms) expect(await verify(newCredential(algorithm), {}, nobodysKey)).toBeUndefined();
  });

  test("is not taken with a signature, or signed bytes, that differ in a bit anywhere", async () => {
    for (const algorithm of algorithms) {
      const made = newCredential(algorithm);
      const flip = (at: number) => (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        return changed;
      };
      // The library reads the lengths of an ES256 signature's sequence generously; its two numbers begin after them.
      for (let at = algorithm === "ES256" ? 5 : 0; at < 64; at += 1)
        expect(await verify(made, { signature: flip(at) }), `${at}`).toBeUndefined();
      const shown = get(origin, { rpId: "example.com", challenge }, made);
      const key = { publicKey: cbor(made.cose), isBackupEligible: true };
      for (let at = 0; at < 37; at += 1) {
        const data = flip(at)(Buffer.from(shown.response.authenticatorData, "base64url")).toString("base64url");
        const changed = { ...shown, response: { ...shown.response, authenticatorData: data } };
        const outcome = verifyAssertion(changed, { ...places, challenge, key });
        expect(await outcome.catch((error: unknown) => error instanceof PasskeyFault || error), `${at}`).not.toBeTypeOf(
          "object",
        );
      }
    }
  });

  test("says nothing of the key in how it fails: an empty, a short and a long signature are simply wrong", async () => {
    for (const length of [0, 1, 64, 256, 4000])
      for (const key of [
        nobodysKey,
        ...algorithms.map((each) => ({ publicKey: cbor(newCredential(each).cose), isBackupEligible: true })),
      ])
        expect(await verify(newCredential(), { signature: () => Buffer.alloc(length, 0x30) }, key)).toBeUndefined();
  });

  test("does not change whether it may be on several devices, and is not backed up if it may not", async () => {
    const made = newCredential();
    // Who has signed has the key: a browser must not hear that the account does not know it.
    await expect(verify(made, { isBackupEligible: false, isBackedUp: false })).rejects.toThrow(PasskeyFault);
    expect(await verify(made, { isBackupEligible: false, isBackedUp: true })).toBeUndefined();
  });
});

const wrong: Record<string, Twist> = {
  "another origin": { origin: "https://example.com" },
  "another ceremony": { type: "webauthn.create" },
  "another domain": { rpId: "evil.test" },
  "no gesture of a user": { isUserPresent: false },
  "an embedded page": { crossOrigin: true },
  "a page below another": { topOrigin: "https://evil.test" },
  "too short": { authData: (data) => data.subarray(0, 36) },
};

describe("20.5 refused before any key is looked at: an assertion with", () => {
  test.each(Object.entries(wrong))("%s", async (_what, twist) => {
    const made = newCredential();
    await expect((async () => verify(made, twist))()).rejects.toThrow(PasskeyFault);
  });

  test("bytes in another spelling", async () => {
    const made = newCredential();
    const shown = get(origin, { rpId: "example.com", challenge }, made);
    const key = { publicKey: cbor(made.cose), isBackupEligible: true };
    for (const member of ["authenticatorData", "signature"] as const) {
      const response = { ...shown.response, [member]: `${shown.response[member]}=` };
      await expect(verifyAssertion({ ...shown, response }, { ...places, challenge, key })).rejects.toThrow(
        PasskeyFault,
      );
    }
  });
});

test("20.5 an assertion of another challenge is not taken", async () => {
  const made = newCredential();
  const key = { publicKey: cbor(made.cose), isBackupEligible: true };
  const shown = get(origin, { rpId: "example.com", challenge: "other" }, made);
  expect(await verifyAssertion(shown, { ...places, challenge, key })).toBeUndefined();
});
