import { digestOfJws, type Anchor } from "../../../shared/audit/anchors/anchor.ts";
import { AnchorFault, readAnchor } from "../../../shared/audit/anchors/read-anchor.ts";
import { isSignedBy } from "../../../shared/tokens/documents.ts";
import { counted } from "../counted.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import type { Findings } from "./findings.ts";
import type { FindKeys, Signer } from "./keys.ts";
import { createPrunedMark, type PrunedMark } from "./pruned-mark.ts";
import { addSeconds, leewaySeconds } from "../../../shared/platform/clock.ts";

/** An anchor as it was kept, and where. */
export interface KeptAnchor {
  readonly jws: string;
  /** Where it stands, for people. */
  readonly place: string;
  /** What the database says of it beside its text. */
  readonly columns?: { readonly number: unknown; readonly anchoredAt: unknown };
}

/** What the anchors say. */
export interface CheckedAnchors {
  readonly heads: AnchoredHeads;
  readonly count: number;
  readonly newest: NewestAnchor | undefined;
  readonly signers: readonly (Signer & { readonly newest: number })[];
  /** The digests of all anchors by their numbers, to compare another copy with. */
  readonly digests: ReadonlyMap<number, string>;
  /** The first that is there: its number, and how it names the one before. */
  readonly first: Pick<Anchor, "number" | "previous"> | undefined;
  /** What the service had removed because it was old, at an instant or, without one, in the end. */
  readonly prunedAt: (instant: string | undefined) => PrunedMark;
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
  readonly findings: Findings;
  /** No anchor is later than that. */
  readonly now: Date;
  /** Whether those before the first one may be elsewhere. */
  readonly mayBeginLater?: boolean;
}

/**
 * Checks anchors in their order: each one's form, root and signature, and that it follows the one before. Who knows that
 * the newest is the service's knows so of all before it, since each names the digest of the one before.
 */
export async function checkAnchors(
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  options: AnchorCheckOptions,
): Promise<CheckedAnchors> {
  const { findings, now, mayBeginLater = false } = options;
  const heads = new AnchoredHeads();
  const signers = new Map<string, Signer & { newest: number }>();
  const digests = new Map<number, string>();
  const times = createTimeCheck(now);
  const pruned = createPrunedMark();
  let newest: NewestAnchor | undefined;
  let first: Anchor | undefined;
  let digestBefore: string | null = null;
  for await (const { jws, place, columns } of anchors) {
    const add = (text: string) => findings.add("anchor", {}, `${place} ${text}`);
    const digest = digestOfJws(jws);
    try {
      const { anchor, signer } = await open(jws, options);
      const { number, time } = anchor;
      const isFirst = digestBefore === null && mayBeginLater;
      const fault = isFirst ? undefined : faultOfOrder(anchor, { last: newest?.number ?? 0, digestBefore });
      for (const found of [fault, faultOfColumns(anchor, columns)]) if (found !== undefined) add(found);
      if (number > (newest?.number ?? 0)) {
        first ??= anchor;
        const timing = times.judge(time);
        for (const found of [timing.fault, pruned.see(anchor)]) if (found !== undefined) add(found);
        heads.begin(number, time, timing);
        for (const { chain, count, hash } of anchor.heads)
          if (!heads.add({ chain, count, hash: Buffer.from(hash, "base64url") }))
            add(`has ${counted(count, "event")} of chain ${chain}, of which an anchor before has more, or others`);
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
  return {
    heads,
    count: digests.size,
    newest,
    signers: [...signers.values()],
    digests,
    first,
    prunedAt: pruned.markAt,
  };
}

/** Reads an anchor and verifies who signed it. @returns no signer if only the service can tell @throws AnchorFault */
async function open(jws: string, { findKeys }: AnchorCheckOptions) {
  const { header, anchor } = readAnchor(jws);
  const candidates = await findKeys(header);
  for (const { key, signer } of candidates) if (await isSignedBy(jws, key, header.alg)) return { anchor, signer };
  if (candidates.length > 0) throw new AnchorFault("its signature is not that of the key");
  return { anchor, signer: undefined };
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

/** On SQL Server these columns are in the ledger, too, and the service goes by them. */
function faultOfColumns({ number, time }: Anchor, columns: KeptAnchor["columns"]): string | undefined {
  if (!columns) return undefined;
  const { number: storedNumber, anchoredAt } = columns;
  const isSame = anchoredAt instanceof Date && anchoredAt.getTime() === Date.parse(time);
  if (storedNumber !== number) return `says that its number is ${number}`;
  return isSame ? undefined : `says that it is of ${time}, and its row has another time`;
}

/** A clock that is wrong must not make events look wrong: an anchor from then is told, and none of its time judges events. */
function createTimeCheck(now: Date) {
  const end = addSeconds(now, leewaySeconds).toISOString();
  let before = "";
  let latest = "";
  return {
    judge(time: string): AnchorTiming {
      const isToCome = time > end;
      const isBack = before !== "" && time < addSeconds(new Date(before), -leewaySeconds).toISOString();
      const isJudging =
        !isToCome && !(latest !== "" && time < addSeconds(new Date(latest), -leewaySeconds).toISOString());
      before = time;
      if (time > latest) latest = time;
      const fault = isToCome
        ? `is of ${time}, which is yet to come: a clock was ahead, or somebody signed it`
        : isBack
          ? `is of ${time}, which is earlier than the anchor before it: a clock was wrong, or somebody signed one of them`
          : undefined;
      return { fault, isJudging, isToCome };
    },
  };
}

interface AnchorTiming {
  readonly fault: string | undefined;
  readonly isJudging: boolean;
  readonly isToCome: boolean;
}

/** Judges the newest anchor, which vouches for all others. @param mustBeKnown whether a known key must have signed it */
export function judgeNewest({ newest }: CheckedAnchors, findings: Findings, mustBeKnown: boolean): void {
  if (!newest) return;
  const { number, signer } = newest;
  const add = (text: string) => findings.add("anchor", {}, `anchor ${number}, the newest, is signed with ${text}`);
  if (!signer)
    add("the service's own secret (HS256), so only the service can verify it: verify --anchors FILE with its settings");
  else if (signer.isRevoked)
    add(
      `the key of thumbprint ${signer.thumbprint}, which was revoked: if it leaked, anyone may have signed this. Compare with anchors that were kept elsewhere (--anchors); then npm run audit -- anchor signs with another key`,
    );
  else if (mustBeKnown && !signer.isKnown)
    add(
      `the key of thumbprint ${signer.thumbprint}, which is not among the known ones: its kid is ${signer.kid ?? "missing"}`,
    );
}
