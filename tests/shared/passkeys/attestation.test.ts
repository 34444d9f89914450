import { describe, expect, test } from "vitest";
import { verifyAttestation } from "../../../shared/passkeys/attestation.ts";
import { PasskeyFault, readClientData } from "../../../shared/passkeys/credential.ts";
import {
  aaguid,
  algorithmIds,
  create,
  selfAttestation,
  sign,
  type Algorithm,
  type Making,
} from "../../support/webauthn.ts";

const origin = "https://app.example.com";
const places = { rpId: "example.com", origins: [origin, "https://example.com"] };
const challenge = Buffer.alloc(37, 7).toString("base64url");
const options = { rp: { id: "example.com" }, user: { id: Buffer.alloc(32, 1).toString("base64url") }, challenge };
const algorithms = Object.keys(algorithmIds) as Algorithm[];

/** What is made of a new credential, in both steps. */
async function verify(making: Making = {}, isConditional = false) {
  const { credential, made } = create(origin, options, making);
  const data = { type: "webauthn.create", origins: places.origins } as const;
  readClientData(credential.response.clientDataJSON, data);
  return { made, verified: await verifyAttestation(credential, { ...places, challenge, isConditional }) };
}

describe("20.5 an attestation", () => {
  test.each(algorithms)(
    "of %s is taken, without a statement and with one that the credential signs",
    async (algorithm) => {
      for (const attestation of [undefined, selfAttestation]) {
        const { made, verified } = await verify({ algorithm, ...(attestation && { attestation }) });
        expect(verified).toMatchObject({
          credentialId: made.id,
          algorithm: algorithmIds[algorithm],
          signCount: 0,
          transports: ["internal", "hybrid"],
          isBackupEligible: true,
          isBackedUp: true,
          isUserVerified: true,
        });
        expect(verified.aaguid.replaceAll("-", "")).toBe(aaguid.toString("hex"));
      }
    },
  );

  test("says what the authenticator's flags and count say, and only transports that there are", async () => {
    const flags = { isUserVerified: false, isBackupEligible: false, isBackedUp: false, count: 0xffffffff };
    const { verified } = await verify({ ...flags, transports: ["usb", "x", "nfc"] });
    const { isUserVerified, isBackupEligible, isBackedUp, signCount: count } = verified;
    expect({ isUserVerified, isBackupEligible, isBackedUp, count }).toEqual(flags);
    expect(verified.transports).toEqual(["usb", "nfc"]);
  });

  test("has an id of 16 to 1023 bytes", async () => {
    expect((await verify({ credentialId: Buffer.alloc(1023, 1) })).verified.credentialId).toHaveLength(1023);
    await expect(verify({ credentialId: Buffer.alloc(1024, 1) })).rejects.toThrow(PasskeyFault);
    expect((await verify({ credentialId: Buffer.alloc(16, 1) })).verified.credentialId).toHaveLength(16);
    for (const length of [0, 15])
      await expect(verify({ credentialId: Buffer.alloc(length, 1) })).rejects.toThrow(PasskeyFault);
  });

  test("needs no gesture of its user only where the browser may make it by itself", async () => {
    await expect(verify({ isUserPresent: false, isUserVerified: false })).rejects.toThrow(PasskeyFault);
    expect((await verify({ isUserPresent: false, isUserVerified: false }, true)).verified.isUserVerified).toBe(false);
  });
});

/** None; the library would say so of it, had it read it. */
const newCertificate = "AAAA";

const cut = (data: Buffer) => data.subarray(0, -1);

const wrong: Record<string, Making> = {
  "another origin": { origin: "https://example.com.evil.test" },
  "an origin in another spelling": { origin: "https://app.example.com/" },
  "another ceremony": { type: "webauthn.get" },
  "another challenge": { challenge: Buffer.alloc(37, 8).toString("base64url") },
  "another domain": { rpId: "app.example.com" },
  "a page that was embedded": { crossOrigin: true },
  "a page below another": { topOrigin: "https://evil.test" },
  "backed up, but not eligible": { isBackupEligible: false, isBackedUp: true },
  "too short": { authData: cut },
  "too long": { authData: (data) => Buffer.concat([data, Buffer.alloc(1)]) },
  "no credential": { authData: (data) => data.subarray(0, 37) },
  "reserved for what is not there": { authData: (data) => (data.writeUInt8(data.readUInt8(32) | 0x80, 32), data) },
};

describe("20.5 refused: an attestation", () => {
  test.each(Object.entries(wrong))("%s", async (_what, making) => {
    await expect(verify(making)).rejects.toThrow(PasskeyFault);
  });

  const keyed: Record<string, [Algorithm, (key: Map<number | string, never>) => void]> = {
    "an algorithm that was not asked for": ["ES256", (key) => key.set(3, -35 as never)],
    "an algorithm of another key": ["ES256", (key) => key.set(3, -257 as never)],
    "another curve": ["ES256", (key) => key.set(-1, 2 as never)],
    "a point that is not on the curve": ["ES256", (key) => key.set(-3, Buffer.alloc(32, 5) as never)],
    "half a point": ["ES256", (key) => key.delete(-3)],
    "a longer coordinate": ["ES256", (key) => key.set(-2, Buffer.alloc(33, 1) as never)],
    "an Ed25519 key on another curve": ["EdDSA", (key) => key.set(-1, 7 as never)],
    "a short RSA key": ["RS256", (key) => key.set(-1, Buffer.alloc(128, 0xff) as never)],
    "an RSA key of 8192 bits": ["RS256", (key) => key.set(-1, Buffer.alloc(1024, 0xff) as never)],
    "an RSA key with exponent 3": ["RS256", (key) => key.set(-2, Buffer.from([3]) as never)],
    "no key": ["ES256", (key) => key.clear()],
  };

  test.each(Object.entries(keyed))("with %s", async (_what, [algorithm, change]) => {
    const cose: Making["cose"] = (key) => (change(key as never), key);
    await expect(verify({ algorithm, cose })).rejects.toThrow(PasskeyFault);
  });

  const statements: Record<string, Making["attestation"]> = {
    "a statement where there is none": () => ["none", new Map([["sig", Buffer.alloc(8)]])],
    "a wrong signature": (signed, made) => [
      "packed",
      new Map<string, never>([
        ["alg", -7 as never],
        ["sig", sign(Buffer.concat([signed, signed]), made) as never],
      ]),
    ],
    "a signature of another algorithm": (signed, made) => [
      "packed",
      new Map<string, never>([
        ["alg", -257 as never],
        ["sig", sign(signed, made) as never],
      ]),
    ],
  };

  test.each(Object.entries(statements))("with %s", async (_what, attestation) => {
    await expect(verify({ attestation: attestation as NonNullable<Making["attestation"]> })).rejects.toThrow(
      PasskeyFault,
    );
  });

  test("of another form is left out unread: its certificates could name addresses to fetch", async () => {
    const x5c = [Buffer.from(newCertificate, "base64")];
    const statement = new Map<string, never>([
      ["alg", -7 as never],
      ["sig", Buffer.alloc(70) as never],
      ["x5c", x5c as never],
    ]);
    for (const format of [
      "packed",
      "fido-u2f",
      "android-key",
      "android-safetynet",
      "tpm",
      "apple",
      "constructor",
      "",
    ]) {
      const { made, verified } = await verify({ attestation: () => [format, statement] });
      expect(verified.credentialId, format).toEqual(made.id);
    }
    await expect(verify({ rpId: "evil.test", attestation: () => ["tpm", statement] })).rejects.toThrow(PasskeyFault);
  });

  test("of another credential than it names", async () => {
    const { credential } = create(origin, options);
    const id = Buffer.alloc(32, 3).toString("base64url");
    const check = { ...places, challenge, isConditional: false };
    expect(() => verifyAttestation({ ...credential, id }, check)).toThrow(PasskeyFault);
    await expect(verifyAttestation({ ...credential, id, rawId: id }, check)).rejects.toThrow(PasskeyFault);
  });

  test("whose bytes are changed anywhere: whatever is taken all the same says the same", async () => {
    const { credential } = create(origin, options, { attestation: selfAttestation });
    const bytes = Buffer.from(credential.response.attestationObject, "base64url");
    const check = { ...places, challenge, isConditional: false };
    const original = await verifyAttestation(credential, check);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const response = { ...credential.response, attestationObject: changed.toString("base64url") };
      const outcome = await verifyAttestation({ ...credential, response }, check).catch((error: unknown) => error);
      if (outcome instanceof PasskeyFault) refused += 1;
      // The library reads the lengths of a signature's sequence and of the last member generously; of a form that is not
      // known by its name, nothing is read but the credential.
      else expect(outcome, `byte ${at}`).toEqual(original);
    }
    expect(refused).toBeGreaterThanOrEqual(bytes.length - "fmtpacked".length - 2);
  });

  test("nested without end, or malformed, within 50 ms", async () => {
    const { credential } = create(origin, options);
    const check = { ...places, challenge, isConditional: false };
    const bombs = [
      Buffer.alloc(40_000, 0x81),
      Buffer.alloc(40_000, 0xa1),
      Buffer.from("bbffffffffffffffff", "hex"),
      Buffer.alloc(0),
    ];
    for (const bomb of bombs) {
      const response = { ...credential.response, attestationObject: bomb.toString("base64url") };
      const start = process.cpuUsage().user;
      await expect(verifyAttestation({ ...credential, response }, check)).rejects.toThrow(PasskeyFault);
      expect(process.cpuUsage().user - start).toBeLessThan(50_000);
    }
  });
});

test.each([
  "",
  "e30",
  "bnVsbA",
  "W10",
  "!!",
  Buffer.from('{"type":"webauthn.create"}').toString("base64url"),
  Buffer.from([0xff, 0xfe]).toString("base64url"),
])("20.5 client data %j is refused", (encoded) => {
  expect(() => readClientData(encoded, { type: "webauthn.create", origins: [origin] })).toThrow(PasskeyFault);
});
