import { createConstraint, type Constraint } from "./constraints.ts";

/** A parsed route template: the parameters of a path (without its leading slash) that it matches. */
export type RouteTemplate = (path: string) => Record<string, string> | undefined;

interface Parameter {
  readonly name: string;
  readonly kind: "required" | "optional" | "catch-all";
  readonly fallback: string | undefined;
  readonly constraints: readonly Constraint[];
}

/**
 * Parses a route template of Azure Functions (ASP.NET's): literals, `{name}`, `{name?}`, `{name=default}`,
 * `{name:constraint}`, and as the last segment `{*rest}`. Matching ignores case and one trailing slash; a parameter
 * is never empty, and an absent one has no entry. Throws on text that is no such template.
 */
export function parseTemplate(template: string): RouteTemplate {
  const parameters: Parameter[] = [];
  const segments = template === "" ? [] : template.split("/");
  const source = segments.map((segment, index) => segmentSource(segment, index, parameters)).join("");
  if (new Set(parameters.map(({ name }) => name.toLowerCase())).size < parameters.length) {
    throw new Error(`The route "${template}" names a parameter twice.`);
  }
  const catchAll = segments.findIndex((segment) => segment.startsWith("{*"));
  if (catchAll !== -1 && catchAll !== segments.length - 1) {
    throw new Error(`The route "${template}" goes on after its catch-all parameter.`);
  }
  const pattern = new RegExp(`^${source}${catchAll === -1 ? "/?" : ""}$`, "i");
  const isLiteral = parameters.length === 0;
  return (path) => {
    // Most routes are literal, and most of them of another length: that spares the pattern.
    if (isLiteral && path.length !== template.length && path.length !== template.length + 1) return undefined;
    const found = pattern.exec(path);
    return found ? readParameters(parameters, found) : undefined;
  };
}

function readParameters(parameters: readonly Parameter[], found: RegExpExecArray): Record<string, string> | undefined {
  const values: Record<string, string> = Object.create(null);
  for (const [index, { name, fallback, constraints }] of parameters.entries()) {
    const value = found[index + 1] || fallback;
    if (!value) continue;
    if (!constraints.every((admits) => admits(value))) return undefined;
    values[name] = value;
  }
  return values;
}

/** The pattern of one segment with the slash before it; its parameters are appended to the list. */
function segmentSource(segment: string, index: number, parameters: Parameter[]): string {
  const slash = index === 0 ? "" : "/";
  const [before = "", inner, after = "", ...rest] = segment.split(/\{([^{}]*)\}/);
  if (segment === "" || /[{}?]/.test(segment.replaceAll(/\{[^{}]*\}/g, ""))) {
    throw new Error(`The route segment "${segment}" is not valid.`);
  }
  if (inner === undefined) return slash + escapeLiteral(before);
  if (before + after !== "" || rest.length > 0) return slash + mixedSource(segment, parameters);
  const parameter = parseParameter(inner);
  parameters.push(parameter);
  if (parameter.kind === "catch-all") return `(?:${slash}([^]*))?`;
  return parameter.kind === "required" ? `${slash}([^/]+)` : `(?:${slash}([^/]+))?`;
}

/** A segment of literals and parameters, as `{name}.{extension}`. */
function mixedSource(segment: string, parameters: Parameter[]): string {
  const pieces = segment.split(/\{([^{}]*)\}/).map((piece, index) => {
    if (index % 2 === 0) return escapeLiteral(piece);
    const parameter = parseParameter(piece);
    if (parameter.kind !== "required") throw new Error(`The parameter "{${piece}}" must be a segment of its own.`);
    parameters.push(parameter);
    return "([^/]+)";
  });
  return pieces.join("");
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
