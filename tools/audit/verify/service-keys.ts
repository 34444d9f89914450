import { calculateJwkThumbprint, type JWK } from "jose";
import type { Services } from "../../../shared/services.ts";
import { createSeal, type Seal } from "../../../shared/platform/crypto/seal.ts";
import { documentKeyOf } from "../../../shared/tokens/documents.ts";
import { keySealPurpose } from "../../../shared/tokens/keys/database-key-store.ts";
import { parseObject } from "../exported-record.ts";
import { byKeyId, type KnownKeys } from "./keys.ts";

/**
 * The keys that the service signs anchors with; without those that were revoked. A row of the database proves nothing: anyone
 * who can write there can add a public key. The service's own is one whose private part only `SECRET_KEY` opens, or
 * that the key vault has.
 */
export async function serviceKeys({ tokens, config }: Services, now: Date): Promise<KnownKeys> {
  const rows = (await tokens.rotation?.list(now)) ?? [];
  const { secretKey, previousSecretKey } = config.service;
  const seal = createSeal(keySealPurpose, secretKey, previousSecretKey);
  const isInVault = config.tokens.vaultKeyId !== undefined;
  const own: JWK[] = [];
  for (const { state, row } of rows) {
    const jwk: JWK = parseObject(row.public_jwk) ?? {};
    if (state !== "revoked" && (isInVault || (await isSealed(row, jwk, seal)))) own.push(jwk);
  }
  const secrets = [secretKey, previousSecretKey].flatMap((secret) => (secret ? [documentKeyOf(secret)] : []));
  return { byId: byKeyId(own), secrets };
}

/** Whether the sealed private part of a row is that of its public part. */
async function isSealed(row: { readonly kid: string; readonly sealed_private_key?: unknown }, jwk: JWK, seal: Seal) {
  if (!Buffer.isBuffer(row.sealed_private_key)) return false;
  try {
    const sealed = JSON.parse(seal.open(row.kid, row.sealed_private_key)) as JWK;
    return jwk.kid === row.kid && (await calculateJwkThumbprint(sealed)) === (await calculateJwkThumbprint(jwk));
  } catch {
    return false;
  }
}
