import { splitUnquoted } from "./header-text.ts";

/** A media type or range (RFC 9110, sections 8.3.1 and 12.5.1). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly name: string;
  /** Lower-case names and their values, in order, repeated ones included. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** Parses a `Content-Type`; undefined if it is malformed. */
export function parseMediaType(text: string): MediaType | undefined {
  const [name = "", ...rest] = splitUnquoted(text, ";");
  // A parameter may be empty: `application/json;` is well-formed.
  const parameters = rest.filter(Boolean).map(parseParameter);
  const isWhole = parameters.every((parameter) => parameter !== undefined);
  return isWhole && /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(name)
    ? { name: name.toLowerCase(), parameters }
    : undefined;
}

/** The media ranges of an `Accept`, without malformed ones. */
export function parseAccept(header: string): MediaType[] {
  return splitUnquoted(header, ",").flatMap((range) => parseMediaType(range) ?? []);
}

/** Whether an `Accept` names this very media type with a weight other than 0 (RFC 9110, section 12.4.2). */
export function asksFor(accept: string, mediaType: string): boolean {
  const isUnwanted = ([name, value]: readonly [string, string]) => name === "q" && /^0(?:\.0*)?$/.test(value);
  return parseAccept(accept).some(({ name, parameters }) => name === mediaType && !parameters.some(isUnwanted));
}

/**
 * An `Accept`'s weight for a media type, from 0 to 1: that of the most specific range that covers it (RFC 9110, section
 * 12.5.1), or 0 if none does.
 */
export function weightOf({ name, parameters }: MediaType, accept: string): number {
  const own = new Map(parameters);
  const covering = parseAccept(accept).flatMap((range) => {
    const asked = range.parameters.filter(([parameter]) => parameter !== "q");
    const isMet = asked.every(([parameter, value]) => own.get(parameter)?.toLowerCase() === value.toLowerCase());
    const specificity = ["*/*", `${name.split("/")[0]}/*`, name].indexOf(range.name);
    return isMet && specificity >= 0 ? { rank: [specificity, asked.length] as const, weight: readWeight(range) } : [];
  });
  const [first] = covering.toSorted((one, other) => other.rank[0] - one.rank[0] || other.rank[1] - one.rank[1]);
  return first?.weight ?? 0;
}

/** 1 unless given; 0 if malformed. */
function readWeight({ parameters }: MediaType): number {
  const text = new Map(parameters).get("q") ?? "1";
  return /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 0;
}

/** A value is a token or a quoted string, with no space around the equals sign. */
function parseParameter(text: string): readonly [string, string] | undefined {
  const equals = text.indexOf("=");
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals === -1 || !isToken(name)) return undefined;
  if (isToken(value)) return [name.toLowerCase(), value];
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1];
  return quoted === undefined ? undefined : [name.toLowerCase(), quoted.replaceAll(/\\(.)/gs, "$1")];
}

function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

/** Whether a body has this type, in UTF-8, without compression or any other coding. Other parameters are ignored. */
export function isPlain(headers: { get(name: string): string | null }, name: string): boolean {
  const coding = headers.get("content-encoding") || "identity";
  const type = parseMediaType(headers.get("content-type") ?? "");
  if (coding.toLowerCase() !== "identity" || type?.name !== name) return false;
  return type.parameters.every(([parameter, value]) => parameter !== "charset" || value.toLowerCase() === "utf-8");
}
