/**
 * A resource as the compiler predicts it: names and conditions are evaluated; what only Azure knows stays an
 * `[expression]`.
 */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly properties?: unknown;
  readonly sku?: unknown;
}

/** What one profile deploys. */
export interface Deployment {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A rule: a pure function that returns what is wrong with a deployment, one finding per line. */
export type Rule = (deployment: Deployment) => string[];

/** The resources of a type; Azure ignores letter case. */
export function ofType({ resources }: Deployment, type: string): Resource[] {
  return resources.filter((resource) => resource.type.toLowerCase() === type.toLowerCase());
}

/** The value in a resource at a path such as `properties.siteConfig.appSettings`; undefined if there is none. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (part, key) => (typeof part === "object" && part !== null ? Reflect.get(part, key) : undefined),
      value,
    );
}

/** The list at a path; empty if there is none. */
export function listAt(value: unknown, path: string): unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** A finding about a resource. */
export const about = ({ type, name }: Resource, message: string) => `${type} ${name}: ${message}`;

/** What each resource of a type must have at a path, literally: an expression does not count. */
export interface Demand {
  readonly type: string;
  readonly path: string;
  readonly is: readonly unknown[];
}

/** The resources that do not meet the demands. */
export function unmet(deployment: Deployment, demands: readonly Demand[]): string[] {
  return demands.flatMap(({ type, path, is }) =>
    ofType(deployment, type)
      .filter((resource) => !is.includes(at(resource, path)))
      .map((resource) => about(resource, `${path} is ${JSON.stringify(at(resource, path))}, not ${is.join(" or ")}`)),
  );
}
