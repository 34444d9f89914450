import { createConstraint, type Constraint } from "./constraints.ts";

/**
 * A parsed route template: returns the parameters of a path (without its leading slash), or undefined if it does not
 * match.
 */
export type RouteTemplate = (path: string) => Record<string, string> | undefined;

interface Parameter {
  readonly name: string;
  readonly kind: "required" | "optional" | "catch-all";
  readonly fallback: string | undefined;
  readonly constraints: readonly Constraint[];
}

/** A segment with parameters: splits the segment's text into theirs; undefined if it does not fit. */
interface Group {
  readonly parameters: readonly Parameter[];
  readonly split: (text: string | undefined) => (string | undefined)[] | undefined;
}

/**
 * Parses a route template of Azure Functions (ASP.NET's): literals, `{name}`, `{name?}`, `{name=default}`,
 * `{name:constraint}`, and as the last segment `{*rest}`. Matching ignores case and one trailing slash; a parameter is
 * never empty, and an absent one has no entry. @throws Error on a malformed template
 */
export function parseTemplate(template: string): RouteTemplate {
  const groups: Group[] = [];
  const segments = template === "" ? [] : template.split("/");
  const source = segments.map((segment, index) => segmentSource(segment, index, groups)).join("");
  const parameters = groups.flatMap((group) => group.parameters);
  if (new Set(parameters.map(({ name }) => name.toLowerCase())).size < parameters.length) {
    throw new Error(`The route "${template}" names a parameter twice.`);
  }
  const catchAll = segments.findIndex((segment) => segment.startsWith("{*"));
  if (catchAll !== -1 && catchAll !== segments.length - 1) {
    throw new Error(`The route "${template}" continues after its catch-all parameter.`);
  }
  // oxlint-disable-next-line latchkey/linear-regex -- made of the app's own routes: whole segments, each read once
  const pattern = new RegExp(`^${source}${catchAll === -1 ? "/?" : ""}$`, "i");
  const isLiteral = parameters.length === 0;
  return (path) => {
    // Most routes are literal, and most of those have another length, so the pattern need not run.
    if (isLiteral && path.length !== template.length && path.length !== template.length + 1) return undefined;
    const found = pattern.exec(path);
    return found ? readParameters(groups, found) : undefined;
  };
}

function readParameters(groups: readonly Group[], found: RegExpExecArray): Record<string, string> | undefined {
  const values: Record<string, string> = Object.create(null);
  for (const [index, { parameters, split }] of groups.entries()) {
    const texts = split(found[index + 1]);
    if (!texts) return undefined;
    for (const [place, { name, fallback, constraints }] of parameters.entries()) {
      const value = texts[place] || fallback;
      if (!value) continue;
      if (!constraints.every((admits) => admits(value))) return undefined;
      values[name] = value;
    }
  }
  return values;
}

/** The pattern of one segment with the slash before it; appends its parameters to `groups`. */
function segmentSource(segment: string, index: number, groups: Group[]): string {
  const slash = index === 0 ? "" : "/";
  const [before = "", inner, after = "", ...rest] = segment.split(/\{([^{}]*)\}/);
  if (segment === "" || /[{}?]/.test(segment.replaceAll(/\{[^{}]*\}/g, ""))) {
    throw new Error(`The route segment "${segment}" is not valid.`);
  }
  if (inner === undefined) return slash + escapeLiteral(before);
  if (before + after !== "" || rest.length > 0) {
    groups.push(mixedGroup(segment));
    return `${slash}([^/]+)`;
  }
  const parameter = parseParameter(inner);
  groups.push({ parameters: [parameter], split: (text) => [text] });
  if (parameter.kind === "catch-all") return `(?:${slash}([^]*))?`;
  return parameter.kind === "required" ? `${slash}([^/]+)` : `(?:${slash}([^/]+))?`;
}

/** A segment of literals and parameters, such as `{name}.{extension}`. */
function mixedGroup(segment: string): Group {
  const pieces = segment.split(/\{([^{}]*)\}/);
  const literals = pieces.filter((_, index) => index % 2 === 0).map(lowerAscii);
  const parameters = pieces
    .filter((_, index) => index % 2 === 1)
    .map((piece) => {
      const parameter = parseParameter(piece);
      if (parameter.kind !== "required") throw new Error(`The parameter "{${piece}}" must be a segment of its own.`);
      return parameter;
    });
  return { parameters, split: (text = "") => splitMixed(text, literals) };
}

/** From the right, as ASP.NET does: each literal is searched for once. Every parameter has at least one character. */
function splitMixed(text: string, literals: readonly string[]): string[] | undefined {
  const [first = "", ...inner] = literals;
  const last = inner.pop() ?? "";
  const folded = lowerAscii(text);
  if (!folded.startsWith(first) || !folded.endsWith(last)) return undefined;
  const values: string[] = [];
  let end = text.length - last.length;
  for (const literal of inner.toReversed()) {
    const at = folded.lastIndexOf(literal, end - literal.length - 1);
    if (at < first.length || at + literal.length >= end) return undefined;
    values.unshift(text.slice(at + literal.length, end));
    end = at;
  }
  return end > first.length ? [text.slice(first.length, end), ...values] : undefined;
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function parseParameter(inner: string): Parameter {
  const parts = /^(\*{0,2})([^*:=?]+)((?::\w+(?:\([^()]*\))?)*)(\?|=.*)?$/.exec(inner);
  if (!parts) throw new Error(`The route parameter "{${inner}}" is not valid.`);
  const [, stars, name = "", constraints = "", end] = parts;
  return {
    name,
    kind: stars ? "catch-all" : end ? "optional" : "required",
    fallback: end?.startsWith("=") ? end.slice(1) : undefined,
    constraints: constraints.split(":").slice(1).map(createConstraint),
  };
}

function escapeLiteral(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
