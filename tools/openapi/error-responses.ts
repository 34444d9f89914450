import type { CatalogueEntry } from "../../shared/http/catalogue.ts";
import { oauth, oauthErrorBody } from "../../shared/http/formats/oauth.ts";
import { ApiError } from "../../shared/platform/errors/api-error.ts";
import { errorTable, type ErrorCode } from "../../shared/platform/errors/table.ts";
import type { Schema } from "./schema.ts";

/** An endpoint's error responses by status, with an example of each code. */
export function errorResponses(entry: CatalogueEntry): Record<string, Schema> {
  const { errors, format } = entry;
  const statuses = [...new Set(errors.map((code) => errorTable[code].status))].toSorted((one, other) => one - other);
  const contentOf = format === oauth ? oauthContent : apiContent;
  return Object.fromEntries(
    statuses.map((status) => {
      const own = errors.filter((code) => errorTable[code].status === status);
      const description = own.map((code) => errorTable[code].message).join(". ");
      const content = { ...contentOf(own), ...(format.showsErrors && { "text/html": { schema: { type: "string" } } }) };
      const headers = { ...headersOfAll(entry), ...headersOf(status, own) };
      return [status, { description, headers, content }];
    }),
  );
}

/** The headers that every answer of an endpoint may have. */
export function headersOfAll({ errors }: Pick<CatalogueEntry, "errors">): Schema {
  return {
    "X-Request-Id": { $ref: "#/components/headers/RequestId" },
    ...(errors.includes("RATE_LIMITED") && {
      "RateLimit-Policy": { $ref: "#/components/headers/RateLimitPolicy" },
      RateLimit: { $ref: "#/components/headers/RateLimit" },
    }),
  };
}

function headersOf(status: number, codes: readonly ErrorCode[]): Schema {
  const isChallenge = status === 401 || codes.includes("REAUTHENTICATION_REQUIRED");
  return {
    ...(isChallenge && { "WWW-Authenticate": { $ref: "#/components/headers/Challenge" } }),
    ...((status === 429 || status >= 502) && { "Retry-After": { $ref: "#/components/headers/RetryAfter" } }),
  };
}

function apiContent(codes: readonly ErrorCode[]): Schema {
  const content = (name: string, suffix: string): Schema => ({
    schema: { allOf: [{ $ref: `#/components/schemas/${name}` }, { properties: { error_code: { enum: codes } } }] },
    examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}${suffix}` }])),
  });
  return { "application/json": content("Error", ""), "application/problem+json": content("Problem", "_problem") };
}

/** An example of each error that any endpoint may answer with, in both forms. */
export function errorExamples(entries: readonly CatalogueEntry[]): Record<string, Schema> {
  const ofApi = entries.filter(({ format }) => format !== oauth);
  const codes = [...new Set(ofApi.flatMap(({ errors }) => errors))].toSorted();
  return Object.fromEntries(
    codes.flatMap((code) => [
      [code, { summary: errorTable[code].message, value: envelopeExample(code) }],
      [`${code}_problem`, { summary: errorTable[code].message, value: problemExample(code) }],
    ]),
  );
}

function envelopeExample(code: ErrorCode): Schema {
  return {
    success: false,
    status_code: errorTable[code].status,
    message: errorTable[code].message,
    error_code: code,
    details: {},
    timestamp: "2026-01-15T12:00:00.000Z",
  };
}

function problemExample(code: ErrorCode): Schema {
  const { status, message, remedy, type = `urn:latchkey:error:${code}` } = errorTable[code];
  return {
    type,
    title: message,
    status,
    detail: remedy,
    instance: "urn:uuid:00000000-0000-4000-8000-000000000000",
    error_code: code,
    details: {},
  };
}

function oauthContent(codes: readonly ErrorCode[]): Schema {
  const bodies = codes.map((code) => oauthErrorBody(new ApiError(code)));
  const schema = {
    allOf: [
      { $ref: "#/components/schemas/OAuthError" },
      { properties: { error: { enum: [...new Set(bodies.map(({ error }) => error))] } } },
    ],
  };
  const examples = Object.fromEntries(bodies.map((value) => [value.error, { value }]));
  return { "application/json": { schema, examples } };
}
