import { digestOfJws } from "../../../shared/audit/anchors/anchor.ts";
import { AnchorFault, readAnchor, verifyAnchor } from "../../../shared/audit/anchors/read-anchor.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import type { Findings } from "./findings.ts";
import type { AnchorKeys, Signer } from "./keys.ts";

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
  /** Records from before this instant should be in an anchor; undefined without anchors. */
  readonly anchoredBefore: string | undefined;
  readonly signers: readonly (Signer & { readonly newest: number })[];
  /** The digests of all anchors by their numbers, to compare another copy with. */
  readonly digests: ReadonlyMap<number, string>;
}

export interface NewestAnchor {
  readonly number: number;
  readonly time: string;
  readonly digest: string;
  readonly signer: Signer;
}

export interface AnchorCheckOptions {
  readonly keys: AnchorKeys;
  /** Whether the newest anchor must be signed by a known key. */
  readonly mustBeKnown: boolean;
  readonly findings: Findings;
}

/** How far back an anchor looks for records from before the anchor before it: transactions end within minutes. */
const lookBackMilliseconds = 15 * 60 * 1000;

/**
 * Checks anchors in their order: each one's form, root and signature, and that it follows the one before. Who knows that
 * the newest is the service's knows so of all before it, since each names the digest of the one before.
 */
export async function checkAnchors(
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  options: AnchorCheckOptions,
): Promise<CheckedAnchors> {
  const { findings, keys } = options;
  const heads = new AnchoredHeads();
  const signers = new Map<string, Signer & { newest: number }>();
  const digests = new Map<number, string>();
  let newest: NewestAnchor | undefined;
  let digestBefore: string | null = null;
  for await (const { jws, place } of anchors) {
    const add = (text: string) => findings.add("anchor", {}, `${place} ${text}`);
    const digest = digestOfJws(jws);
    try {
      const { header } = readAnchor(jws);
      const anchor = await verifyAnchor(jws, async (found) => keys.keyOf(found));
      const { number, time } = anchor;
      const expected = (newest?.number ?? 0) + 1;
      if (number < expected)
        add(
          `has the number ${number}, which is not higher than that of the one before: it is there twice, or was moved`,
        );
      else {
        if (number > expected)
          add(
            `has the number ${number}: ${number === expected + 1 ? `anchor ${expected} is` : `anchors ${expected} to ${number - 1} are`} missing before it`,
          );
        else if (anchor.previous !== digestBefore) add("does not name the digest of the anchor before it");
        addHeads(anchor, { heads, timeBefore: newest?.time, add });
        const signer = await keys.signerOf(header);
        signers.set(signer.thumbprint ?? "", { ...signer, newest: number });
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
  const anchoredBefore = newest && lookBackFrom(newest.time);
  return { heads, count: digests.size, newest, anchoredBefore, signers: [...signers.values()], digests };
}

interface Adding {
  readonly heads: AnchoredHeads;
  readonly timeBefore: string | undefined;
  readonly add: (text: string) => void;
}

function addHeads(anchor: Awaited<ReturnType<typeof verifyAnchor>>, { heads, timeBefore, add }: Adding): void {
  const { number, time } = anchor;
  // A clock may have been set back: then the anchor looked back from its own time at least.
  heads.begin(number, timeBefore === undefined ? "" : lookBackFrom(timeBefore < time ? timeBefore : time));
  for (const { chain, count, hash } of anchor.heads)
    if (!heads.add(number, { chain, count, hash: Buffer.from(hash, "base64url") }))
      add(`has ${count} events of chain ${chain}, of which an anchor before has as many or more`);
}

function judgeNewest(newest: NewestAnchor | undefined, { findings, mustBeKnown }: AnchorCheckOptions): void {
  if (!newest || !mustBeKnown || newest.signer.isKnown) return;
  const { number, signer } = newest;
  const text = `anchor ${number}, the newest, is signed with a key that is not among the known ones: ${signer.kid ?? "without kid"}, thumbprint ${signer.thumbprint}`;
  findings.add("anchor", {}, text);
}

const lookBackFrom = (time: string): string => new Date(Date.parse(time) - lookBackMilliseconds).toISOString();
