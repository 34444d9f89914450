// A software authenticator of the tests' own, after WebAuthn level 3 (sections 6 and 7) and CTAP: its CBOR is written by
// hand, so that it shares nothing with what verifies it.
import {
  generateKeyPairSync,
  hash,
  randomBytes,
  sign as signBytes,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

export type Algorithm = "ES256" | "EdDSA" | "RS256";

/** Something that CBOR can say (RFC 8949): as far as authenticators use it. */
export type Cbor = number | string | Buffer | readonly Cbor[] | Map<number | string, Cbor>;

/** Encodes a value in the canonical form of CTAP2; a map's keys stay in the order given. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each)])]);
  return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 0x100) return Buffer.from([(major << 5) | 24, count]);
  const long = Buffer.alloc(count < 0x10000 ? 3 : 5);
  long[0] = (major << 5) | (count < 0x10000 ? 25 : 26);
  long.writeUIntBE(count, 1, long.length - 1);
  return long;
}

/** A credential of the authenticator. */
export interface Credential {
  readonly id: Buffer;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** A COSE_Key. */
  readonly cose: Map<number | string, Cbor>;
  readonly userHandle: string;
  readonly rpId: string;
  /** How often it has signed; undefined for one that does not count. */
  count: number | undefined;
}

/** What to sign otherwise than a browser and an authenticator do. */
export interface Twist {
  readonly origin?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly isUserPresent?: boolean;
  readonly isUserVerified?: boolean;
  readonly isBackupEligible?: boolean;
  readonly isBackedUp?: boolean;
  readonly count?: number;
  readonly userHandle?: string | undefined;
  /** Changes the authenticator's data before it is signed. */
  readonly authData?: (data: Buffer) => Buffer;
  /** Changes the signature. */
  readonly signature?: (signature: Buffer) => Buffer;
}

/** What else to make. */
export interface Making extends Twist {
  readonly algorithm?: Algorithm;
  readonly credentialId?: Buffer;
  readonly doesCount?: boolean;
  readonly cose?: (key: Map<number | string, Cbor>) => Map<number | string, Cbor>;
  /** The attestation's format and statement: `none` unless given. */
  readonly attestation?: (signed: Buffer, made: Credential) => readonly [string, Map<number | string, Cbor>];
  readonly transports?: readonly string[];
}

export interface CreationOptions {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
}

export interface RequestOptions {
  readonly rpId: string;
  readonly challenge: string;
}

/** What a browser at an origin, with an authenticator, makes of the options: the new credential, and its JSON. */
export function create(origin: string, options: CreationOptions, making: Making = {}) {
  const { algorithm = "ES256", credentialId: id = randomBytes(32), doesCount = false } = making;
  const { publicKey, privateKey } = newKeys(algorithm);
  const plain = coseOf(algorithm, publicKey.export({ format: "jwk" }));
  const cose = making.cose?.(plain) ?? plain;
  const count = doesCount ? 0 : undefined;
  const { user, rp } = options;
  const made: Credential = { id, algorithm, privateKey, publicKey, cose, userHandle: user.id, rpId: rp.id, count };
  const clientData = clientDataOf("webauthn.create", { origin, challenge: options.challenge, twist: making });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(id.length);
  const attested = Buffer.concat([aaguid, length, id, cbor(cose)]);
  const authData = authDataOf(made, { twist: making, attested });
  const signed = Buffer.concat([authData, hash("sha256", clientData, "buffer")]);
  const [format, statement] = making.attestation?.(signed, made) ?? ["none", new Map()];
  const attestationObject = cbor(
    new Map<string, Cbor>([
      ["fmt", format],
      ["attStmt", statement],
      ["authData", authData],
    ]),
  );
  const response = {
    clientDataJSON: clientData.toString("base64url"),
    attestationObject: attestationObject.toString("base64url"),
    transports: making.transports ?? ["internal", "hybrid"],
    authenticatorData: authData.toString("base64url"),
    publicKeyAlgorithm: algorithmIds[algorithm],
  };
  return { made, credential: jsonOf(made, response) };
}

/** What a browser at an origin makes of the options with this credential: its JSON. */
export function get(origin: string, options: RequestOptions, made: Credential, twist: Twist = {}) {
  if (made.count !== undefined) made.count += 1;
  const clientData = clientDataOf("webauthn.get", { origin, challenge: options.challenge, twist });
  const authData = authDataOf(made, { twist });
  const signature = sign(Buffer.concat([authData, hash("sha256", clientData, "buffer")]), made);
  const response = {
    clientDataJSON: clientData.toString("base64url"),
    authenticatorData: authData.toString("base64url"),
    signature: (twist.signature?.(signature) ?? signature).toString("base64url"),
    userHandle: "userHandle" in twist ? twist.userHandle : made.userHandle,
  };
  return jsonOf(made, response);
}

/** Signs as the credential's algorithm does. */
export function sign(data: Buffer, { algorithm, privateKey }: Pick<Credential, "algorithm" | "privateKey">): Buffer {
  return signBytes(algorithm === "EdDSA" ? null : "sha256", data, privateKey);
}

/** Signs its own attestation, as some security keys do. */
export const selfAttestation = (signed: Buffer, made: Credential): readonly [string, Map<string, Cbor>] => [
  "packed",
  new Map<string, Cbor>([
    ["alg", algorithmIds[made.algorithm]],
    ["sig", sign(signed, made)],
  ]),
];

/** COSE's numbers. */
export const algorithmIds = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

export const aaguid = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f0", "hex");

function jsonOf<R>({ id }: Credential, response: R) {
  const text = id.toString("base64url");
  const own = { type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {} } as const;
  return { id: text, rawId: text, ...own, response };
}

interface Ceremony {
  readonly origin: string;
  readonly challenge: string;
  readonly twist: Twist;
}

function clientDataOf(type: string, { origin, challenge, twist }: Ceremony): Buffer {
  const { topOrigin } = twist;
  const data = {
    type: twist.type ?? type,
    challenge: twist.challenge ?? challenge,
    origin: twist.origin ?? origin,
    crossOrigin: twist.crossOrigin ?? false,
    ...(topOrigin !== undefined && { topOrigin }),
  };
  return Buffer.from(JSON.stringify(data));
}

function authDataOf(made: Credential, { twist, attested }: { twist: Twist; attested?: Buffer }): Buffer {
  const bits = [
    twist.isUserPresent ?? true,
    false,
    twist.isUserVerified ?? true,
    twist.isBackupEligible ?? true,
    twist.isBackedUp ?? true,
    false,
    attested !== undefined,
  ];
  const flags = bits.reduce((sum, isSet, bit) => sum | (isSet ? 1 << bit : 0), 0);
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags, 0);
  rest.writeUInt32BE(twist.count ?? made.count ?? 0, 1);
  const data = Buffer.concat([
    hash("sha256", twist.rpId ?? made.rpId, "buffer"),
    rest,
    ...(attested === undefined ? [] : [attested]),
  ]);
  return twist.authData?.(data) ?? data;
}

/** One pair for each call, but for RSA, which takes long to make. */
function newKeys(algorithm: Algorithm) {
  if (algorithm === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519");
  return (rsa ??= generateKeyPairSync("rsa", { modulusLength: 2048 }));
}

let rsa: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;

function coseOf(algorithm: Algorithm, jwk: JsonWebKey): Map<number | string, Cbor> {
  const bytes = (name: "x" | "y" | "n" | "e") => Buffer.from(jwk[name] ?? "", "base64url");
  const alg = algorithmIds[algorithm];
  if (algorithm === "ES256")
    return new Map<number, Cbor>([
      [1, 2],
      [3, alg],
      [-1, 1],
      [-2, bytes("x")],
      [-3, bytes("y")],
    ]);
  if (algorithm === "EdDSA")
    return new Map<number, Cbor>([
      [1, 1],
      [3, alg],
      [-1, 6],
      [-2, bytes("x")],
    ]);
  return new Map<number, Cbor>([
    [1, 3],
    [3, alg],
    [-1, bytes("n")],
    [-2, bytes("e")],
  ]);
}
