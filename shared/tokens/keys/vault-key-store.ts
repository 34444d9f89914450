import { hash } from "node:crypto";
import type { JWK } from "jose";
import { addSeconds, systemClock } from "../../platform/clock.ts";
import { describeError, log } from "../../platform/log.ts";
import type { KeptKey, KeyAlgorithm, KeyStore, Signer } from "./key-store.ts";
import { longestTokenSeconds, publishedBeforeSeconds } from "./key-schedule.ts";
import type { KeyVersion, VaultKey } from "./vault.ts";

/**
 * Keeps the keys in Azure Key Vault: each version of one vault key is a key here, with the version as its `kid`.
 * Private parts never leave the vault. A tag says when a version signs; without one, the first version signs at once,
 * and later ones (made by the vault's own rotation) as soon as every cache knows them. A disabled version is a revoked
 * key.
 */
export function createVaultKeyStore(vault: VaultKey, algorithm: KeyAlgorithm): KeyStore {
  const list = async (): Promise<KeptKey[]> =>
    Promise.all((await vault.versions()).map((version, index) => toKey(vault, version, index)));
  const find = async (kid: string): Promise<FoundVersion | undefined> => {
    const all = await vault.versions();
    const index = all.findIndex(({ version }) => version === kid);
    const found = all[index];
    return found && { ...found, signsFrom: signsFrom(found, index) };
  };
  return {
    list: tolerant(list),
    async make({ signsFrom: instant }) {
      await checkMayRotate(vault, algorithm);
      const made = await vault.rotate();
      const tags = { ...made.tags, [signsFromTag]: instant.toISOString() };
      await vault.update(made.version, { tags });
      return (await list()).find(({ kid }) => kid === made.version);
    },
    // The vault has told it.
    ownJwkOf: async ({ public_jwk: json }) => JSON.parse(json) as JWK,
    signer: async ({ kid }) => signerIn(vault, kid, algorithm),
    noteLifetime: async () => undefined,
    async promote(kid, now) {
      const found = await find(kid);
      if (!found?.isEnabled || found.signsFrom <= now) return false;
      await vault.update(kid, { tags: { ...found.tags, [signsFromTag]: now.toISOString() } });
      return true;
    },
    async revoke(kid) {
      if (!(await find(kid))?.isEnabled) return false;
      await vault.update(kid, { enabled: false });
      return true;
    },
    // The vault keeps all versions of a key.
    remove: async () => false,
  };
}

/** The tag that says when a version starts to sign, as an ISO 8601 instant. */
const signsFromTag = "signs-from";

/** How long the versions last read stay valid while the vault does not answer. */
const toleratedMilliseconds = 10 * 60_000;

interface FoundVersion extends KeyVersion {
  readonly signsFrom: Date;
}

function signsFrom({ tags, createdAt }: KeyVersion, index: number): Date {
  const told = new Date(tags[signsFromTag] ?? "");
  if (!Number.isNaN(told.getTime())) return told;
  return index === 0 ? createdAt : addSeconds(createdAt, publishedBeforeSeconds);
}

async function toKey(vault: VaultKey, version: KeyVersion, index: number): Promise<KeptKey> {
  const jwk = await vault.publicJwk(version.version);
  return {
    kid: jwk.kid,
    generation: index + 1,
    algorithm: jwk.alg,
    public_jwk: JSON.stringify(jwk),
    created_at: version.createdAt,
    signs_from: signsFrom(version, index),
    revoked_at: version.isEnabled ? null : version.updatedAt,
    // The vault does not record what a key signed.
    token_seconds: longestTokenSeconds,
  };
}

/** Returns the last list while the vault is unreachable: verifying needs no vault, only known keys. */
function tolerant(list: () => Promise<KeptKey[]>): () => Promise<KeptKey[]> {
  let last: { readonly keys: KeptKey[]; readonly readAt: number } | undefined;
  return async () => {
    const readAt = systemClock.now().getTime();
    try {
      last = { keys: await list(), readAt };
    } catch (error) {
      if (!last || readAt - last.readAt > toleratedMilliseconds) throw error;
      log("warn", "signing_keys.vault_away", { cause: describeError(error) });
    }
    return last.keys;
  };
}

/** @throws Error saying what to do if a new version would be of no use */
async function checkMayRotate(vault: VaultKey, algorithm: KeyAlgorithm): Promise<void> {
  if (vault.isPinned)
    throw new Error("SIGNING_KEY_VAULT_KEY_ID names one version of the key: remove the version to rotate");
  const newest = (await vault.versions()).at(-1);
  if (!newest)
    throw new Error(`There is no key ${vault.name} in the vault: docs/signing-keys.md shows how to create it`);
  const { alg } = await vault.publicJwk(newest.version);
  if (alg !== algorithm) throw new Error(`The key ${vault.name} in the vault is for ${alg}: set ALGORITHM to that`);
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs with a version of the vault's key: the vault gets only the digest (RFC 7515, section 5.1). */
function signerIn(vault: VaultKey, kid: string, algorithm: KeyAlgorithm): Signer {
  return {
    kid,
    algorithm,
    isRemote: true,
    async sign(header, claims) {
      const input = `${encode({ alg: algorithm, kid, ...header })}.${encode(claims)}`;
      const signature = await vault.sign(kid, algorithm, hash("sha256", input, "buffer"));
      return `${input}.${Buffer.from(signature).toString("base64url")}`;
    },
  };
}
