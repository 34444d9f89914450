import type { Asked } from "../export-frame.ts";
import type { CheckedAnchors } from "./anchor-check.ts";
import type { ChainCheck } from "./chain-check.ts";

export interface Reported {
  readonly chains: ChainCheck;
  /** Undefined if none were given. */
  readonly anchors: CheckedAnchors | undefined;
  /** What the export was asked for; undefined for the database. */
  readonly asked?: Asked | undefined;
  /** Whether keys were given, or the service's own are known. */
  readonly areKeysKnown: boolean;
  readonly findings: number;
}

/** What was verified, and what that proves. */
export function reportLines({ chains, anchors, asked, areKeysKnown, findings }: Reported): string[] {
  return [
    ...aboutEvents(chains),
    ...aboutAnchors(anchors, areKeysKnown),
    ...(anchors?.newest
      ? [`${counted(chains.tally.unprotected, "event")} came after the newest anchor, or beside it: not protected yet`]
      : []),
    ...(asked ? aboutChoice(asked) : []),
    findings === 0
      ? "Nothing was found: every event fits."
      : `${counted(findings, "finding")}${findings > 1000 ? ", of which 1,000 are shown" : ""}. See docs/audit.md for what to do now.`,
  ];
}

function aboutEvents({ tally, pruning }: ChainCheck): string[] {
  const { events, chains, erased, earliest, latest } = tally;
  const when = events === 0 ? "" : `, ${earliest} to ${latest}`;
  const lines = [`${counted(events, "event")} in ${counted(chains, "chain")}${when}`];
  if (erased > 0) lines.push(`${counted(erased, "event")} without their personal part, which was erased`);
  if (pruning.before !== "") {
    const heads = `of ${counted(pruning.chains, "chain")} with ${counted(pruning.events, "event")} the heads are known`;
    lines.push(
      `Pruned before ${pruning.before.slice(0, 10)}, ${heads}; events were kept for at least ${pruning.leastDays} days`,
    );
  }
  return lines;
}

function aboutAnchors(anchors: CheckedAnchors | undefined, areKeysKnown: boolean): string[] {
  if (!anchors)
    return [
      "No anchors were given: this does not show whether somebody changed events and made new hashes. Add --anchors",
    ];
  const { count, newest, signers } = anchors;
  if (!newest) return ["There are no anchors: this does not show whether somebody changed events and made new hashes"];
  const lines = [
    `${counted(count, "anchor")}, the newest is number ${newest.number} of ${newest.time}, SHA-256 ${newest.digest}`,
  ];
  for (const { kid, thumbprint, isKnown, newest: last } of signers) {
    const name =
      thumbprint === undefined
        ? "the secret that the service signs with"
        : `key ${kid ?? ""}, thumbprint ${thumbprint}`;
    const trust =
      isKnown || thumbprint === undefined
        ? "known"
        : areKeysKnown
          ? "named by the anchors alone"
          : "unknown: compare it";
    lines.push(`Signed up to ${last} with ${name} (${trust})`);
  }
  if (!areKeysKnown)
    lines.push(
      "No keys were given. The signatures prove something only if a thumbprint above is that of the service's key: compare it, or add --keys",
    );
  return lines;
}

function aboutChoice({ from, to, type, account }: Asked): string[] {
  if (type !== null || account !== null)
    return [
      "The export has chosen events only. Each one fits its own hash, or is told above. Whether others are missing, and",
      "whether an anchor has them, only a whole export or the database can tell",
    ];
  const partly = [from, to].filter((instant) => instant !== null && !instant.endsWith("T00:00:00.000Z"));
  return partly.map(
    (instant) =>
      `The export has a part of ${String(instant).slice(0, 10)}: whether events are missing at its edge is not known`,
  );
}

const counted = (count: number, noun: string) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
