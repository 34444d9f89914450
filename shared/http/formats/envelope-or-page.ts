import { weightOf } from "../media-type.ts";
import { envelope } from "./envelope.ts";
import type { Format } from "./format.ts";
import { page, type Page } from "./page.ts";

/** The envelope; or, for a caller whose `Accept` prefers HTML to JSON, as browsers' do, a page that shows the same data. */
export function envelopeOrPage<T>(toPage: (data: T) => Page): Format<T> {
  return {
    ...envelope,
    alternatives: { "text/html": page.schema({}, 200) },
    answer(outcome) {
      const { headers, ...answer } = prefersPage(outcome.accept)
        ? page.answer({ ...outcome, shown: () => toPage(outcome.shown()) })
        : envelope.answer(outcome);
      return { ...answer, headers: { ...headers, Vary: "Origin, Accept" } };
    },
  };
}

const html = { name: "text/html", parameters: [["charset", "utf-8"]] } as const;
const json = { name: "application/json", parameters: [] } as const;

function prefersPage(accept: string): boolean {
  return weightOf(html, accept) > weightOf(json, accept);
}
