import { compactVerify } from "jose";
import { digestOfJws, type Anchor } from "../../../shared/audit/anchors/anchor.ts";
import { AnchorFault, readAnchor, type AnchorHeader } from "../../../shared/audit/anchors/read-anchor.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import type { Findings } from "./findings.ts";
import type { CandidateKey, FindKeys, Signer } from "./keys.ts";

/** An anchor as it was kept, and where. */
export interface KeptAnchor {
  readonly jws: string;
  /** Where it stands, for people. */
  readonly place: string;
}

/** What the anchors say. */
export interface CheckedAnchors {
  readonly heads: AnchoredHeads;
  readonly count: number;
  readonly newest: NewestAnchor | undefined;
  readonly signers: readonly (Signer & { readonly newest: number })[];
  /** The digests of all anchors by their numbers, to compare another copy with. */
  readonly digests: ReadonlyMap<number, string>;
}

export interface NewestAnchor {
  readonly number: number;
  readonly time: string;
  readonly digest: string;
  /** Undefined if nobody could tell. */
  readonly signer: Signer | undefined;
}

export interface AnchorCheckOptions {
  readonly findKeys: FindKeys;
  /** Whether the newest anchor must be signed by a known key. */
  readonly mustBeKnown: boolean;
  readonly findings: Findings;
}

/**
 * Checks anchors in their order: each one's form, root and signature, and that it follows the one before. Who knows that
 * the newest is the service's knows so of all before it, since each names the digest of the one before.
 */
export async function checkAnchors(
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  options: AnchorCheckOptions,
): Promise<CheckedAnchors> {
  const { findings } = options;
  const heads = new AnchoredHeads();
  const signers = new Map<string, Signer & { newest: number }>();
  const digests = new Map<number, string>();
  let newest: NewestAnchor | undefined;
  let digestBefore: string | null = null;
  for await (const { jws, place } of anchors) {
    const add = (text: string) => findings.add("anchor", {}, `${place} ${text}`);
    const digest = digestOfJws(jws);
    try {
      const { anchor, signer } = await open(jws, options);
      const { number, time } = anchor;
      const fault = faultOfOrder(anchor, { last: newest?.number ?? 0, digestBefore });
      if (fault !== undefined) add(fault);
      if (number > (newest?.number ?? 0)) {
        heads.begin(number, time);
        for (const { chain, count, hash } of anchor.heads)
          if (!heads.add({ chain, count, hash: Buffer.from(hash, "base64url") }))
            add(`has ${count} events of chain ${chain}, of which an anchor before has as many or more`);
        if (signer) signers.set(signer.thumbprint ?? "", { ...signer, newest: number });
        digests.set(number, digest);
        newest = { number, time, digest, signer };
      }
    } catch (error) {
      if (!(error instanceof AnchorFault)) throw error;
      add(error.message);
    }
    digestBefore = digest;
  }
  judgeNewest(newest, options);
  return { heads, count: digests.size, newest, signers: [...signers.values()], digests };
}

/** Reads an anchor and verifies who signed it. @returns no signer if only the service can tell @throws AnchorFault */
async function open(jws: string, { findKeys }: AnchorCheckOptions) {
  const { header, anchor } = readAnchor(jws);
  const candidates = await findKeys(header);
  for (const { key, signer } of candidates) if (await isSignedWith(key, jws, header)) return { anchor, signer };
  if (candidates.length > 0) throw new AnchorFault("its signature is not that of the key");
  return { anchor, signer: undefined };
}

async function isSignedWith(key: CandidateKey["key"], jws: string, { alg }: AnchorHeader): Promise<boolean> {
  try {
    await compactVerify(jws, key, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

/** Whether an anchor comes after the one before it. @returns what is wrong */
function faultOfOrder(
  { number, previous }: Anchor,
  { last, digestBefore }: { readonly last: number; readonly digestBefore: string | null },
): string | undefined {
  if (number <= last) return `has the number ${number}, and comes after ${last}: it is there twice, or was moved`;
  const missing = number === last + 2 ? `anchor ${last + 1} is` : `anchors ${last + 1} to ${number - 1} are`;
  if (number > last + 1) return `has the number ${number}: ${missing} missing before it`;
  return previous === digestBefore ? undefined : "does not name the anchor before it: one of them is not as it was";
}

function judgeNewest(newest: NewestAnchor | undefined, { findings, mustBeKnown }: AnchorCheckOptions): void {
  if (!newest) return;
  const { number, signer } = newest;
  const add = (text: string) => findings.add("anchor", {}, `anchor ${number}, the newest, is signed with ${text}`);
  if (!signer)
    add("the service's own secret (HS256), so only the service can verify it: verify --anchors FILE with its settings");
  else if (mustBeKnown && !signer.isKnown)
    add(`the key ${signer.kid ?? "without kid"}, thumbprint ${signer.thumbprint}, which is not among the known ones`);
}
