import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import type { CatalogueEntry } from "../../shared/http/catalogue.ts";
import { components } from "./components.ts";
import { errorExamples, errorResponses, headersOfAll } from "./error-responses.ts";
import { toSchema, type Schema } from "./schema.ts";

/** A tag for the first folder of each path; other paths belong to the service itself. */
export const tags = {
  auth: "Accounts, sign-in and sessions",
  "social login": "Sign-in at an identity provider, and linked identities",
  oauth: "OAuth clients: tokens, revocation and introspection (RFC 6749, 7009 and 7662)",
  service: "The service itself: health, keys, metadata and documentation",
};

/**
 * The OpenAPI 3.1 document of these endpoints. It does not depend on settings; `GET /openapi.json` fills in its own
 * `servers` and `info.version`.
 */
export function openApiDocument(entries: readonly CatalogueEntry[]): Schema {
  const sorted = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const paths: Record<string, Schema> = {};
  for (const entry of sorted.toSorted((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1)))
    paths[pathOf(entry)] = { ...paths[pathOf(entry)], [entry.method.toLowerCase()]: operation(entry) };
  return {
    openapi: "3.1.1",
    info: {
      title: "Latchkey",
      version: packageJson.version,
      description: "The authentication service of your own Azure subscription.",
      license: { name: packageJson.license, identifier: packageJson.license },
    },
    servers: [{ url: "http://localhost:7071" }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { ...components, examples: errorExamples(entries) },
  };
}

/** The path of an endpoint as callers see it. */
export function pathOf({ route }: CatalogueEntry): string {
  return `/${route.replace(/^\//, "")}`;
}

/** The tag of an endpoint. */
export function tagOf({ name, route }: CatalogueEntry): keyof typeof tags {
  if (name.startsWith("social-")) return "social login";
  if (route.startsWith("auth/")) return "auth";
  return route.startsWith("oauth/") ? "oauth" : "service";
}

function operation(entry: CatalogueEntry): Schema {
  const parameters = [...pathParameters(entry), ...queryParameters(entry)];
  return {
    operationId: entry.name,
    summary: entry.summary,
    ...(entry.description !== undefined && { description: entry.description }),
    tags: [tagOf(entry)],
    security: security(entry),
    ...(parameters.length > 0 && { parameters }),
    ...(entry.body && { requestBody: requestBody(entry, entry.body) }),
    responses: { ...success(entry), ...errorResponses(entry) },
  };
}

function security({ security: ways }: CatalogueEntry): Schema[] {
  return ways.map((schemes) => Object.fromEntries(schemes.map((scheme) => [scheme, []])));
}

function pathParameters({ path = {} }: CatalogueEntry): Schema[] {
  return Object.entries(path).map(([name, parameter]) => {
    const { description, examples, ...schema } = toSchema(parameter.schema, "input");
    const [example] = Array.isArray(examples) ? (examples as unknown[]) : [];
    return { name, in: "path", required: true, schema, description, example };
  });
}

/** A parameter that tolerates being repeated by mistake is described as a single one. */
function queryParameters({ query }: CatalogueEntry): Schema[] {
  const { properties = {} } = query ? toSchema(query, "input") : {};
  return Object.entries(properties as Record<string, Schema>).map(([name, { description }]) =>
    // An undefined description is dropped from the document's text.
    ({ name, in: "query", required: false, schema: { type: "string" }, description }),
  );
}

function requestBody({ format }: CatalogueEntry, body: z.ZodType): Schema {
  const required = !body.safeParse(undefined).success;
  // If everything is optional, the example is empty: filled-in values would override the browser's cookies.
  const example = required ? {} : { example: {} };
  const taken = [format.body.mediaType, ...(format.body.alsoTakes ?? [])];
  const content = { schema: toSchema(body, "input"), ...example };
  return { required, content: Object.fromEntries(taken.map((type) => [type, content])) };
}

function success(entry: CatalogueEntry): Schema {
  const { format, status, orStatus, reply, message } = entry;
  if (reply instanceof z.ZodNever) return {};
  const ofAll = headersOfAll(entry);
  const contents = Object.entries(format.contents);
  if (contents.length === 0) {
    const headers = { ...ofAll, Location: { $ref: "#/components/headers/Location" } };
    const page = { headers: ofAll, content: { "text/html": { schema: { type: "string" } } } };
    return {
      [status]: { description: "Redirects the browser", headers },
      // An endpoint that may show a page instead has a union as its reply.
      ...(reply instanceof z.ZodUnion && { 200: { description: "A page that asks for confirmation first", ...page } }),
    };
  }
  const isPublic = format.cors === "any";
  const headers = { ...ofAll, ...(isPublic && { ETag: { $ref: "#/components/headers/ETag" } }) };
  const notModified = { description: "Not modified: the caller's copy is current", headers };
  const data = toSchema(reply, "output");
  const response = (given: number) => {
    const content = Object.fromEntries(contents.map(([type, schemaOf]) => [type, { schema: schemaOf(data, given) }]));
    return { description: message, headers, content };
  };
  return {
    [status]: response(status),
    ...(orStatus !== undefined && { [orStatus]: response(orStatus) }),
    ...(isPublic && { 304: notModified }),
  };
}
