import type { CryptographyClient, KeyClient, KeyVaultKey, UpdateKeyPropertiesOptions } from "@azure/keyvault-keys";
import { ApiError } from "../../platform/errors/api-error.ts";
import { credentialOf, type Identity } from "../../platform/identity.ts";
import { loopbackHosts } from "../../platform/settings/types.ts";
import type { KeyAlgorithm } from "./key-store.ts";
import type { PublicJwk } from "./key-material.ts";

/** A version of a key in the vault. */
export interface KeyVersion {
  readonly version: string;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags: Readonly<Record<string, string>>;
}

/** One key in Azure Key Vault, with its versions. @throws VaultUnavailable from each of its methods */
export interface VaultKey {
  readonly name: string;
  /** Whether the settings name a version, which is then the only one. */
  readonly isPinned: boolean;
  /** All versions, oldest first. */
  versions(): Promise<KeyVersion[]>;
  /** The public part of a version, with the version as `kid`. */
  publicJwk(version: string): Promise<PublicJwk>;
  /** Makes a new version. */
  rotate(): Promise<KeyVersion>;
  update(version: string, change: UpdateKeyPropertiesOptions): Promise<void>;
  /** Signs a SHA-256 digest. */
  sign(version: string, algorithm: KeyAlgorithm, digest: Uint8Array): Promise<Uint8Array>;
}

/** @param keyId `https://VAULT.vault.azure.net/keys/NAME`, optionally with `/VERSION` */
export function openVaultKey(keyId: string, identity: Identity): VaultKey {
  const { origin, pathname } = new URL(keyId);
  const [, , name = "", pinned] = pathname.split("/");
  let opening: Promise<KeyClient> | undefined;
  const call = async <T>(work: (client: KeyClient) => Promise<T>): Promise<T> => {
    try {
      return await work(await (opening ??= openClient(origin, identity)));
    } catch (error) {
      throw new VaultUnavailable(error, reasonOf(error));
    }
  };
  const published = new Map<string, PublicJwk>();
  const signers = new Map<string, CryptographyClient>();
  return {
    name,
    isPinned: pinned !== undefined,
    async versions() {
      const all = await call(async (client) => {
        const found: KeyVersion[] = [];
        for await (const properties of client.listPropertiesOfKeyVersions(name, limits()))
          found.push(toVersion({ name, properties }));
        return found;
      });
      return all
        .filter(({ version }) => pinned === undefined || version === pinned)
        .toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
    },
    async publicJwk(version) {
      const jwk =
        published.get(version) ??
        (await call(async (client) => toJwk(await client.getKey(name, { version, ...limits() }), version)));
      published.set(version, jwk);
      return jwk;
    },
    rotate: () => call(async (client) => toVersion(await client.rotateKey(name, limits()))),
    update: (version, change) =>
      call(async (client) => void (await client.updateKeyProperties(name, version, { ...change, ...limits() }))),
    sign: (version, algorithm, digest) =>
      call(async (client) => {
        const signer = signers.get(version) ?? client.getCryptographyClient(name, { keyVersion: version });
        signers.set(version, signer);
        return (await signer.sign(algorithm, digest, limits())).result;
      }),
  };
}

/** The vault cannot serve now: callers get a 503. The message is one line that an operator can act on. */
export class VaultUnavailable extends ApiError {
  constructor(cause: unknown, reason: string) {
    super("SIGNING_UNAVAILABLE", { cause, retryAfterSeconds: 5 });
    this.message += `: ${reason}`;
  }
}

/** The time limit of a call to the vault. */
const limits = () => ({ abortSignal: AbortSignal.timeout(8000) });

async function openClient(vaultUrl: string, identity: Identity): Promise<KeyClient> {
  const { KeyClient: Client } = await import("@azure/keyvault-keys");
  return new Client(vaultUrl, await credentialOf(identity), {
    // The vault's challenge must name its own domain, except for an imitation on this machine.
    disableChallengeResourceVerification: loopbackHosts.has(new URL(vaultUrl).hostname),
    retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1000 },
  });
}

function toVersion({ properties }: Pick<KeyVaultKey, "name" | "properties">): KeyVersion {
  const { version = "", enabled = true, createdOn = new Date(0), updatedOn = createdOn, tags = {} } = properties;
  return { version, isEnabled: enabled, createdAt: createdOn, updatedAt: updatedOn, tags };
}

/** A vault key in its published form. */
function toJwk({ key = {} }: KeyVaultKey, version: string): PublicJwk {
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("base64url");
  const common = { kid: version, use: "sig" } as const;
  if (/^RSA(?:-HSM)?$/.test(key.kty ?? ""))
    return { kty: "RSA", n: text(key.n), e: text(key.e), ...common, alg: "RS256" };
  if (/^EC(?:-HSM)?$/.test(key.kty ?? "") && key.crv === "P-256")
    return { kty: "EC", crv: "P-256", x: text(key.x), y: text(key.y), ...common, alg: "ES256" };
  throw new Error("its type is not supported: it must be RSA, or EC on P-256");
}

const reasons: Readonly<Record<number, string>> = {
  401: "the vault rejected this identity's token: see AZURE_CLIENT_ID",
  403: "the identity lacks a permission on the key, or the vault's firewall blocks it: see docs/signing-keys.md",
  404: "the vault has no such key: see SIGNING_KEY_VAULT_KEY_ID",
  429: "the vault is throttling",
};

function reasonOf(error: unknown): string {
  const {
    statusCode,
    name = "",
    message = "",
  } = (error ?? {}) as {
    statusCode?: number;
    name?: string;
    message?: string;
  };
  if (/^(?:CredentialUnavailable|Authentication|AggregateAuthentication)Error$/.test(name))
    return "the managed identity got no token: see AZURE_CLIENT_ID";
  if (message.startsWith("its kind")) return message;
  return reasons[statusCode ?? 0] ?? "the vault does not answer";
}
