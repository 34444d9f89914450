import { calculateJwkThumbprint, type JWK } from "jose";
import type { Services } from "../../../shared/services.ts";
import { documentKeysOf } from "../../../shared/tokens/documents.ts";
import { byKeyId, type KnownKeys } from "./keys.ts";

/**
 * The keys that the service signs anchors with, and which it no longer does because they were revoked. A public key in the
 * database proves nothing, since anyone who can write there can add one: each is taken from its private part, which only
 * `SECRET_KEY` opens, or from the key vault.
 */
export async function serviceKeys({ tokens: { rotation }, config }: Services, now: Date): Promise<KnownKeys> {
  const own: JWK[] = [];
  const revoked = new Set<string>();
  for (const { state, row } of (await rotation?.list(now)) ?? []) {
    const jwk = await rotation?.ownJwkOf(row);
    if (!jwk) continue;
    if (state === "revoked") revoked.add(await calculateJwkThumbprint(jwk));
    else own.push({ ...jwk, kid: row.kid });
  }
  return { byId: byKeyId(own), secrets: documentKeysOf(config.service), revoked };
}
