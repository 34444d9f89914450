import type { JWK } from "jose";
import type { Services } from "../../../shared/services.ts";
import { documentKeyOf } from "../../../shared/tokens/documents.ts";
import { byKeyId, type KnownKeys } from "./keys.ts";

/** The keys that the service signs anchors with, from where it keeps them; without those that were revoked. */
export async function serviceKeys({ tokens, config }: Services, now: Date): Promise<KnownKeys> {
  const rows = (await tokens.rotation?.list(now)) ?? [];
  const valid = rows.filter(({ state }) => state !== "revoked");
  const { secretKey, previousSecretKey } = config.service;
  const secrets = [secretKey, previousSecretKey].flatMap((secret) => (secret ? [documentKeyOf(secret)] : []));
  return { byId: byKeyId(valid.map(({ row }) => JSON.parse(row.public_jwk) as JWK)), secrets };
}
