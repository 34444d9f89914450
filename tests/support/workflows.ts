import { globSync, readFileSync } from "node:fs";
import { parseDocument } from "yaml";

/** All workflows, in order. */
export const files = globSync(".github/workflows/*.yml").toSorted();
export const read = (file: string) => readFileSync(file, "utf8");
export const ci = ".github/workflows/ci.yml";
export const deploy = ".github/workflows/deploy.yml";

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}
export interface Job {
  readonly uses?: string;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly "runs-on"?: string;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
}
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
/** A workflow, as GitHub reads it. */
export const parse = (file: string) => parseDocument(read(file)).toJS() as Workflow;
export const stepsOf = ({ steps = [] }: Job) => steps;
