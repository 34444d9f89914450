/** A resource as the compiler predicts it: names and conditions worked out, what only Azure knows left as `[expression]`. */
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

/** A rule, pure: what is wrong with a deployment, a line each. */
export type Rule = (deployment: Deployment) => string[];

/** The resources of a type; Azure does not tell upper from lower case. */
export function ofType({ resources }: Deployment, type: string): Resource[] {
  return resources.filter((resource) => resource.type.toLowerCase() === type.toLowerCase());
}

/** What stands in a resource at a path such as `properties.siteConfig.appSettings`; undefined where there is nothing. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (part, key) => (typeof part === "object" && part !== null ? Reflect.get(part, key) : undefined),
      value,
    );
}

/** The list at a path; an empty one where there is none. */
export function listAt(value: unknown, path: string): unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** A finding, and the resource that it is about. */
export const about = ({ type, name }: Resource, message: string) => `${type} ${name}: ${message}`;

/** What each resource of a type must have at a path, as it is in the resource; an expression is no answer. */
export interface Demand {
  readonly type: string;
  readonly path: string;
  readonly is: readonly unknown[];
}

/** What does not meet the demands. */
export function unmet(deployment: Deployment, demands: readonly Demand[]): string[] {
  return demands.flatMap(({ type, path, is }) =>
    ofType(deployment, type)
      .filter((resource) => !is.includes(at(resource, path)))
      .map((resource) => about(resource, `${path} is ${JSON.stringify(at(resource, path))}, not ${is.join(" or ")}`)),
  );
}
