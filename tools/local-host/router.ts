import type { RegisteredFunction } from "./functions-core.ts";
import { parseTemplate, type RouteTemplate } from "./routes.ts";

/** An HTTP function and its route. */
export interface HttpRoute {
  readonly called: RegisteredFunction;
  /** In upper case; empty for every method. */
  readonly methods: readonly string[];
  /** With the prefix, without a leading slash. */
  readonly route: string;
  readonly template: RouteTemplate;
}

export interface RouteMatch {
  readonly called: RegisteredFunction;
  readonly params: Record<string, string>;
}

/** Methods that Azure's host never passes to a function. */
const UNROUTED_METHODS = new Set(["TRACE", "CONNECT"]);

/**
 * Returns the route of an HTTP function. @param taken the routes of the functions before it @throws Error if Azure
 * would refuse the function: a reserved or malformed route, or one that an earlier function has for the same method
 */
export function planRoute(called: RegisteredFunction, prefix: string, taken: readonly HttpRoute[]): HttpRoute {
  const own = ownRoute(called);
  if (/^(?:admin|runtime)/i.test(own)) throw new Error(`routes that begin like "${own}" are reserved by Azure`);
  const methods = readMethods(called);
  const route = readRoute(called, prefix);
  const rival = taken.find((other) => isSameRoute(other.route, route) && overlap(other.methods, methods));
  if (rival) throw new Error(`its route "${route}" already belongs to the function "${rival.called.name}"`);
  return { called, methods, route, template: parseTemplate(route) };
}

/**
 * Finds the first route, in the given order, that accepts this method at this path (without its leading slash). A path
 * that starts with two slashes reaches no function, not even a catch-all.
 */
export function matchRoute(routes: readonly HttpRoute[], method: string, path: string): RouteMatch | undefined {
  if (UNROUTED_METHODS.has(method) || path.startsWith("/")) return undefined;
  for (const { called, methods, template } of routes) {
    if (methods.length > 0 && !methods.includes(method)) continue;
    const params = template(path);
    if (params) return { called, params };
  }
  return undefined;
}

/** The route of an HTTP function with the prefix, without slashes around it. */
export function readRoute(called: RegisteredFunction, prefix: string): string {
  return [trimSlashes(prefix), ownRoute(called)].filter(Boolean).join("/");
}

/** The methods of an HTTP function in upper case; empty for every method. */
export function readMethods({ trigger: { methods } }: RegisteredFunction): string[] {
  return Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : [];
}

function ownRoute({ name, trigger: { route } }: RegisteredFunction): string {
  return trimSlashes(typeof route === "string" ? route : name);
}

function isSameRoute(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.length === 0 || others.length === 0 || some.some((method) => others.includes(method));
}

function trimSlashes(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === "/") start += 1;
  while (end > start && text[end - 1] === "/") end -= 1;
  return text.slice(start, end);
}
