import type { AuditEventType } from "../audit/event-types.ts";
import { typesIn } from "../audit/refusal.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { AnySpec, Scheme } from "./endpoint-spec.ts";
import type { Gate } from "./gates/gate.ts";

/**
 * Everything known about an endpoint: the source of preflight and 405 answers, the generated documents and the tests'
 * matrix.
 */
export interface CatalogueEntry extends AnySpec {
  /** Every code that it may answer with: the handler's, the gates' and those of every call. */
  readonly errors: readonly ErrorCode[];
  /** The alternative sets of credentials that a caller may send; an empty set means that none are needed. */
  readonly security: readonly (readonly Scheme[])[];
  /** The audit events of its gates' refusals. */
  readonly refusedByGates: readonly AuditEventType[];
}

/** All endpoints whose files have been loaded. */
export function catalogue(): readonly CatalogueEntry[] {
  return entries;
}

/** The errors that any call can end in. */
const unforeseen: readonly ErrorCode[] = ["INTERNAL_ERROR", "DATABASE_UNAVAILABLE", "SIGNING_UNAVAILABLE"];

/** The catalogue entry of an endpoint behind these gates. */
export function toEntry(spec: AnySpec, gates: readonly Gate[]): CatalogueEntry {
  const errors = new Set([...unforeseen, ...spec.errors, ...gates.flatMap((gate) => gate.errors(spec))]);
  const optional = spec.accepts.length === 0 ? [] : [[...spec.accepts.map((scheme) => [scheme]), []]];
  const required = gates.flatMap(({ security }) => (security ? [security] : []));
  const refusedByGates = gates.flatMap(({ refused }) =>
    refused === undefined || refused === "by_itself" ? [] : typesIn(refused),
  );
  return { ...spec, errors: [...errors].toSorted(), security: allOf([...optional, ...required]), refusedByGates };
}

/** All combinations that meet several demands at once, each of which has alternatives. */
function allOf(demands: readonly (readonly (readonly Scheme[])[])[]): readonly (readonly Scheme[])[] {
  const [first, ...others] = demands;
  if (!first) return [];
  return others.reduce((ways, demand) => ways.flatMap((way) => demand.map((one) => [...way, ...one])), first);
}

const entries: CatalogueEntry[] = [];

/** Adds an endpoint. @throws Error if its name, or its method and route, are taken */
export function addToCatalogue(entry: CatalogueEntry): void {
  const twin = entries.find(
    ({ name, method, route }) => name === entry.name || (method === entry.method && route === entry.route),
  );
  if (twin) throw new Error(`endpoint ${entry.name} is already in the catalogue`);
  entries.push(entry);
}

/**
 * The endpoints at a path, one for each method. @param path as in a URL; letter case and a trailing slash are ignored
 */
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

/** Whether an endpoint's GET also answers HEAD. */
export function takesHead({ method, format }: AnySpec): boolean {
  return method === "GET" && format.takesHead;
}

/** The methods of these endpoints, for `Allow`. */
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
