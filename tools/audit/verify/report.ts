import { counted } from "../counted.ts";
import type { Asked } from "../export-frame.ts";
import { printable } from "../printable.ts";
import type { CheckedAnchors } from "./anchor-check.ts";
import type { ChainCheck } from "./chain-check.ts";
import { mostTold, type Findings } from "./findings.ts";

export interface Reported {
  readonly chains: ChainCheck;
  /** Undefined if none were given. */
  readonly anchors: CheckedAnchors | undefined;
  /** What the export was asked for; undefined for the database. */
  readonly asked?: Asked | undefined;
  /** Whether keys were given, or the service's own are known. */
  readonly areKeysKnown: boolean;
  /** Of how many events without a personal part the log does not tell whether they were erased. */
  readonly untold: number;
  readonly findings: Findings;
}

/** What was verified, and what that proves. What stands in it may come from whoever changed the log, so it is escaped. */
export function reportLines({ chains, anchors, asked, areKeysKnown, untold, findings }: Reported): string[] {
  const lines = [
    ...aboutEvents(chains, untold),
    ...aboutAnchors(anchors, areKeysKnown),
    ...aboutNewer(anchors, asked),
    ...(asked ? aboutChoice(asked) : []),
    ...(findings.count() === 0 ? goodEnd({ chains, anchors, asked, untold }) : [badEnd(findings)]),
  ];
  return lines.map((line) => printable(line, 1000));
}

function goodEnd({
  chains,
  anchors,
  asked,
  untold,
}: Pick<Reported, "chains" | "anchors" | "asked" | "untold">): string[] {
  const { tally } = chains;
  // A database without anchors proves nothing, which its caller says.
  if (!asked && !anchors?.newest) return [];
  if (tally.events === 0) return ["There were no events to verify."];
  const unproven = anchors ? tally.unprotected : tally.events;
  const limits = [
    unproven > 0 ? `; ${unproven.toLocaleString("en")} of them are proven by nothing yet` : "",
    untold > 0 ? `; of ${untold.toLocaleString("en")} it is not known whether their personal part was erased` : "",
  ];
  const rest = limits.join("");
  if (asked && isFiltered(asked)) return [`Nothing was found: each event fits its own hash${rest}.`];
  return [
    rest === "" ? "Nothing was found: every event fits." : `Nothing was found: the events fit each other${rest}.`,
  ];
}

function badEnd(findings: Findings): string {
  const cut = findings.cut().map(({ kind, count }) => `${kind.toUpperCase()} (${count.toLocaleString("en")})`);
  const told =
    cut.length === 0 ? "" : `, of which ${mostTold.toLocaleString("en")} of each kind are shown: ${cut.join(", ")}`;
  return `${counted(findings.count(), "finding")}${told}. See docs/audit.md for what to do now.`;
}

function aboutEvents({ tally, pruning }: ChainCheck, untold: number): string[] {
  const { events, chains, erased, earliest, latest } = tally;
  const when = earliest === "" ? "" : `, ${earliest} to ${latest}`;
  const lines = [`${counted(events, "event")} in ${counted(chains, "chain")}${when}`];
  if (erased > 0) lines.push(`${counted(erased, "event")} without a personal part`);
  if (untold > 0)
    lines.push(
      `Of ${untold.toLocaleString("en")} of these the export does not have the event account.erased: a whole one or the database tells whether they were erased`,
    );
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
  const { count, newest, first, signers } = anchors;
  if (!newest) return ["There are no anchors: this does not show whether somebody changed events and made new hashes"];
  const lines = [
    `${counted(count, "anchor")}, the newest is number ${newest.number} of ${newest.time}, SHA-256 ${newest.digest}`,
  ];
  if (first && first.number > 1)
    lines.push(`The first of them is number ${first.number}: what only earlier ones have is not proven`);
  for (const { kid, thumbprint, isKnown, isRevoked, newest: last } of signers) {
    const name =
      thumbprint === undefined
        ? "the secret that the service signs with"
        : `the key of thumbprint ${thumbprint}, kid ${kid ?? "missing"}`;
    const trust = isRevoked
      ? "revoked"
      : isKnown || thumbprint === undefined
        ? "known"
        : areKeysKnown
          ? "not among the known keys: compare the thumbprint"
          : "unknown: compare the thumbprint";
    lines.push(`Signed up to ${last} with ${name} (${trust})`);
  }
  if (!areKeysKnown)
    lines.push(
      "No keys were given. The signatures prove something only if a thumbprint above is that of the service's key: compare it, or add --keys",
    );
  return lines;
}

/** Anchors of later than an export say nothing about its end. */
function aboutNewer(anchors: CheckedAnchors | undefined, asked: Asked | undefined): string[] {
  if (!anchors?.newest || !asked || anchors.newest.time <= asked.at) return [];
  return [
    "The newest anchors are newer than the export: what they have beyond its end is no part of it. To prove its end, too, take anchors and export together",
  ];
}

const isFiltered = ({ type, account }: Asked): boolean => type !== null || account !== null;

/** The first line of a file is as easy to change as the others, and nothing signs it. */
function aboutChoice(asked: Asked): string[] {
  const { from, to, type, account, at } = asked;
  const what = [
    type === null ? "" : `of type ${type}`,
    account === null ? "" : `of account ${account}`,
    from === null ? "from the first" : `from ${from}`,
    to === null ? "to the last" : `before ${to}`,
  ];
  const lines = [
    `The file says: exported at ${at}, events ${what.filter((part) => part !== "").join(", ")}. Nothing proves that: compare it with what you asked for`,
  ];
  if (isFiltered(asked))
    return [
      ...lines,
      "Each of these events fits its own hash, or is told above. Whether others are missing, and whether an anchor has them, only a whole export or the database can tell",
    ];
  const parts = [from, to].filter((instant) => instant !== null && !instant.endsWith("T00:00:00.000Z"));
  const days = new Set(parts.map((instant) => String(instant).slice(0, 10)));
  return [
    ...lines,
    ...[...days].map((day) => `The export has a part of ${day}: whether events are missing at its edge is not known`),
  ];
}
