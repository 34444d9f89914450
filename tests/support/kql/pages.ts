import { globSync, readFileSync } from "node:fs";
import { at, listAt, type Deployment } from "../../../tools/infra/rules/resources.ts";

/** A query, and where it stands. */
export interface PlacedQuery {
  /** The page, or the profile that deploys it. */
  readonly place: string;
  /** The heading, with a number from the second query under it on; or the name of an alert. */
  readonly name: string;
  readonly text: string;
}

/** The queries of a page, in their order. */
export function queriesOf(page: string): PlacedQuery[] {
  const counts = new Map<string, number>();
  let heading = "";
  return readFileSync(page, "utf8")
    .split(/^(?=#+ |```)/m)
    .flatMap((part) => {
      if (part.startsWith("#")) heading = part.split("\n")[0]?.replace(/^#+ /, "") ?? "";
      if (!part.startsWith("```kusto\n")) return [];
      const count = (counts.get(heading) ?? 0) + 1;
      counts.set(heading, count);
      return [
        { place: page, name: count === 1 ? heading : `${heading} ${count}`, text: part.slice("```kusto\n".length) },
      ];
    });
}

/** The pages that have queries. */
export const pagesWithQueries: readonly string[] = globSync("docs/**/*.md")
  .filter((page) => readFileSync(page, "utf8").includes("```kusto"))
  .toSorted();

/** An alert as a profile deploys it. */
export interface Alert extends PlacedQuery {
  readonly severity: number;
  /** What a number is compared with: the count of rows, or the measure. */
  readonly threshold: number;
  /** The column that is compared; undefined for the number of rows. */
  readonly measure: string | undefined;
  readonly isOnWorkspace: boolean;
}

/** The alerts of a profile's snapshot. */
export function alertsOf(profile: string): Alert[] {
  const { resources } = JSON.parse(readFileSync(`infra/snapshots/${profile}.json`, "utf8")) as Deployment;
  return resources
    .filter(({ type }) => type === "Microsoft.Insights/scheduledQueryRules")
    .map((rule) => {
      const criterion = listAt(rule, "properties.criteria.allOf")[0];
      const measure = at(criterion, "metricMeasureColumn");
      return {
        place: profile,
        name: String(at(rule, "properties.displayName")).replace("Latchkey: ", ""),
        text: String(at(criterion, "query")),
        severity: Number(at(rule, "properties.severity")),
        threshold: Number(at(criterion, "threshold")),
        measure: typeof measure === "string" ? measure : undefined,
        isOnWorkspace: JSON.stringify(listAt(rule, "properties.scopes")).includes("OperationalInsights"),
      };
    });
}
