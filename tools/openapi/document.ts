import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import type { CatalogueEntry } from "../../shared/http/catalogue.ts";
import { components } from "./components.ts";
import { errorExamples, errorResponses } from "./error-responses.ts";

/** A JSON value of the document. */
export type Schema = Record<string, unknown>;

/** Ours begin with the folder of their path; what is neither is of the service itself. */
const tags = {
  auth: "Accounts, sign-in and sessions",
  "social login": "Sign-in at an identity provider, and linked identities",
  oauth: "OAuth clients: tokens, revocation and introspection (RFC 6749, 7009 and 7662)",
  service: "The service itself: health, keys, metadata and documentation",
};

/**
 * The OpenAPI 3.1 document of these endpoints. It is the same under every setting; `GET /openapi.json` puts its own
 * `servers` and `info.version` in.
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

function pathOf({ route }: CatalogueEntry): string {
  return `/${route.replace(/^\//, "")}`;
}

function tagOf({ name, route }: CatalogueEntry): keyof typeof tags {
  if (name.startsWith("social-")) return "social login";
  if (route.startsWith("auth/")) return "auth";
  return route.startsWith("oauth/") ? "oauth" : "service";
}

function operation(entry: CatalogueEntry): Schema {
  const parameters = [...pathParameters(entry), ...queryParameters(entry)];
  return {
    operationId: entry.name,
    summary: entry.summary,
    tags: [tagOf(entry)],
    security: security(entry),
    ...(parameters.length > 0 && { parameters }),
    ...(entry.body && { requestBody: requestBody(entry, entry.body) }),
    responses: { ...success(entry), ...errorResponses(entry) },
  };
}

function security({ access, accepts, confirmation }: CatalogueEntry): Schema[] {
  // The refresh token comes in the cookie, or in the body.
  if (confirmation) return [{ bearer: [], refresh_token: [] }, { bearer: [] }];
  if (access === "session") return [{ bearer: [] }];
  if (access === "client") return [{ client: [] }, {}];
  return [...accepts.map((scheme) => ({ [scheme]: [] })), ...(accepts.length > 0 ? [{}] : [])];
}

function pathParameters({ route }: CatalogueEntry): Schema[] {
  return [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    description: pathParameterTexts[name ?? ""]?.description,
    example: pathParameterTexts[name ?? ""]?.example,
  }));
}

/** What is said of the parameters of paths, by their names. */
const pathParameterTexts: Readonly<Record<string, { description: string; example: string }>> = {
  provider: { description: "A `name` from `GET /auth/oauth/providers`", example: "google" },
  shard: { description: "The last path segment of a token's `status.status_list.uri`", example: "0" },
};

/** What may wrongly come twice is described as what it should be. */
function queryParameters({ query }: CatalogueEntry): Schema[] {
  const { properties = {} } = query ? toSchema(query, "input") : {};
  return Object.entries(properties as Record<string, Schema>).map(([name, { description }]) =>
    // Without a description there is none in the text of the document.
    ({ name, in: "query", required: false, schema: { type: "string" }, description }),
  );
}

function requestBody({ form }: CatalogueEntry, body: z.ZodType): Schema {
  const isForm = form === "oauth" || form === "redirect";
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  const required = !body.safeParse(undefined).success;
  // Where all is optional nothing is filled in: what a browser has in its cookies would be passed over.
  const example = required ? {} : { example: {} };
  return { required, content: { [type]: { schema: toSchema(body, "input"), ...example } } };
}

function success(entry: CatalogueEntry): Schema {
  const { form, status, reply, cors, contentType } = entry;
  if (reply instanceof z.ZodNever) return {};
  const requestId = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };
  if (form === "redirect") {
    const headers = { ...requestId, Location: { $ref: "#/components/headers/Location" } };
    const page = { headers: requestId, content: { "text/html": { schema: { type: "string" } } } };
    return {
      [status]: { description: "Redirects the browser", headers },
      // What may show a page instead has a reply of either kind.
      ...(reply instanceof z.ZodUnion && { 200: { description: "A page that asks for confirmation first", ...page } }),
    };
  }
  const isPublic = cors === "any";
  const headers = { ...requestId, ...(isPublic && { ETag: { $ref: "#/components/headers/ETag" } }) };
  const notModified = { description: "Not modified: the caller's copy is current", headers };
  return {
    [status]: { description: entry.message, headers, content: { [contentType]: { schema: successSchema(entry) } } },
    ...(isPublic && { 304: notModified }),
  };
}

function successSchema({ form, status, reply, contentType }: CatalogueEntry): Schema {
  if (contentType !== "application/json") return { type: "string" };
  const data = toSchema(reply, "output");
  if (form !== "envelope") return data;
  return {
    type: "object",
    required: ["success", "status_code", "message", "data", "timestamp"],
    additionalProperties: false,
    properties: {
      success: { const: true },
      status_code: { const: status },
      message: { type: "string" },
      data,
      timestamp: { type: "string", format: "date-time" },
    },
  };
}

function toSchema(schema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return rest;
}
