import type { ErrorCode } from "../platform/errors/table.ts";
import type { AnySpec, Scheme } from "./endpoint-spec.ts";
import type { Gate } from "./gates/gate.ts";

/** What is known about an endpoint: the source of preflight and 405 answers, the generated documents and the tests' matrix. */
export interface CatalogueEntry extends AnySpec {
  /** Every code that it may answer: the handler's, the gates' and those of every call. */
  readonly errors: readonly ErrorCode[];
  /** What a caller shows: one of these, each a set of credentials; an empty one where it may show nothing. */
  readonly security: readonly (readonly Scheme[])[];
}

/** What can happen to any call. */
const unforeseen: readonly ErrorCode[] = ["INTERNAL_ERROR", "DATABASE_UNAVAILABLE", "SIGNING_UNAVAILABLE"];

/** An endpoint and the gates before it, as the catalogue has them. */
export function toEntry(spec: AnySpec, gates: readonly Gate[]): CatalogueEntry {
  const errors = new Set([...unforeseen, ...spec.errors, ...gates.flatMap((gate) => gate.errors(spec))]);
  const optional = spec.accepts.length === 0 ? [] : [[...spec.accepts.map((scheme) => [scheme]), []]];
  const required = gates.flatMap(({ security }) => (security ? [security] : []));
  return { ...spec, errors: [...errors].toSorted(), security: allOf([...optional, ...required]) };
}

/** The ways to meet several demands at once, each of which has its alternatives. */
function allOf(demands: readonly (readonly (readonly Scheme[])[])[]): readonly (readonly Scheme[])[] {
  const [first, ...others] = demands;
  if (!first) return [];
  return others.reduce((ways, demand) => ways.flatMap((way) => demand.map((one) => [...way, ...one])), first);
}

const entries: CatalogueEntry[] = [];

/** Adds an endpoint. @throws Error when its name, or its method and route, are taken */
export function addToCatalogue(entry: CatalogueEntry): void {
  const twin = entries.find(
    ({ name, method, route }) => name === entry.name || (method === entry.method && route === entry.route),
  );
  if (twin) throw new Error(`endpoint ${entry.name} stands in the catalogue already`);
  entries.push(entry);
}

/** All endpoints whose files have been loaded. */
export function catalogue(): readonly CatalogueEntry[] {
  return entries;
}

/** The endpoints at a path, whatever their method. @param path as in a URL; letter case and a trailing slash do not count */
export function endpointsAt(path: string): CatalogueEntry[] {
  const segments = split(path);
  return entries.filter(({ route }) => {
    const template = split(route);
    return (
      template.length === segments.length &&
      template.every((part, index) => part.startsWith("{") || part === segments[index])
    );
  });
}

/** Whether HEAD goes with an endpoint's GET. */
export function takesHead({ method, format }: AnySpec): boolean {
  return method === "GET" && format.takesHead;
}

/** The methods that a set of endpoints of different methods takes, for `Allow`. */
export function allowedMethods(endpoints: readonly CatalogueEntry[]): string[] {
  const methods = endpoints.flatMap((entry) => (takesHead(entry) ? ["GET", "HEAD"] : [entry.method]));
  return [...methods.toSorted(), "OPTIONS"];
}

function split(path: string): string[] {
  return path
    .toLowerCase()
    .replace(/^\/|\/$/g, "")
    .split("/");
}
