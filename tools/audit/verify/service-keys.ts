import type { JWK } from "jose";
import type { Services } from "../../../shared/services.ts";
import { knownKeys, type KnownKeys } from "./keys.ts";

/** The keys that the service signs anchors with, where it keeps them; without those that were revoked. */
export async function serviceKeys({ tokens }: Services, now: Date): Promise<KnownKeys> {
  const rows = (await tokens.rotation?.list(now)) ?? [];
  const valid = rows.filter(({ state }) => state !== "revoked");
  return knownKeys(valid.map(({ row }) => JSON.parse(row.public_jwk) as JWK));
}
