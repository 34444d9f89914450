import { importJWK, type CryptoKey, type JWK } from "jose";
import { anchorType, type Anchor } from "../../shared/audit/anchors/anchor.ts";
import { AnchorFault, readAnchor, type AnchorHeader } from "../../shared/audit/anchors/read-anchor.ts";
import type { AuditAnchorsTable } from "../../shared/audit/anchors/tables.ts";
import type { Services } from "../../shared/services.ts";
import { isSignedBy } from "../../shared/tokens/documents.ts";

/** The anchors in a database, oldest first. */
export async function anchorRows({ database }: Pick<Services, "database">): Promise<AuditAnchorsTable[]> {
  const db = database.queries.withTables<{ audit_anchors: AuditAnchorsTable }>();
  return db.selectFrom("audit_anchors").selectAll().orderBy("number").execute();
}

/** The anchors in a database, each verified by the key in its own header. */
export async function anchorsOf(services: Pick<Services, "database">): Promise<Anchor[]> {
  const rows = await anchorRows(services);
  return Promise.all(rows.map(({ jws }) => verifyAnchor(jws, ({ jwk, alg }) => importJWK(jwk as JWK, alg))));
}

/**
 * Reads an anchor and verifies who signed it.
 * @param keyOf the key to verify with, by the header; see `AnchorHeader.jwk`
 * @throws AnchorFault, or what `keyOf` throws
 */
export async function verifyAnchor(
  jws: string,
  keyOf: (header: AnchorHeader) => Promise<CryptoKey | Uint8Array>,
): Promise<Anchor> {
  const { header, anchor } = readAnchor(jws);
  if (await isSignedBy(jws, await keyOf(header), header.alg)) return anchor;
  throw new AnchorFault("its signature is not that of the key");
}

/** A compact JWS with this header and payload, and any signature. */
export function unsigned(payload: unknown, header: object = { alg: "ES256", kid: "a", typ: anchorType }): string {
  const encode = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  return `${encode(header)}.${encode(payload)}.${"A".repeat(86)}`;
}
