import { readFileSync } from "node:fs";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> } | undefined>>;
}

const document = JSON.parse(readFileSync("docs/openapi.json", "utf8")) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>> | undefined>>;
};
// The document has members that are no schema: they are not to be judged as such.
const ajv = new Ajv2020.default({ strict: false, validateSchema: false });
addFormats.default(ajv);
ajv.addSchema(document, "api");
const validators = new Map<string, ValidateFunction>();

/** An answer, and the route that it came from. */
export interface RoutedAnswer {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly contentType: string;
  readonly json: unknown;
}

/** Holds an answer against the document: its status and media type are named there, and its body has the shape. */
export function expectDocumented({ method, route, status, contentType, json }: RoutedAnswer): void {
  const path = `/${route.replace(/^\//, "")}`;
  const operation = document.paths[path]?.[method.toLowerCase()];
  // Endpoints that a test has made for itself are in no document.
  if (!operation) return;
  const response = operation.responses[String(status)];
  expect(response, `${method} ${path} documents ${status}`).toBeDefined();
  if (json === undefined) return;
  const type = contentType.split(";")[0]?.trim() ?? "";
  expect(Object.keys(response?.content ?? {}), `${method} ${path} ${status} documents ${type}`).toContain(type);
  if (!type.endsWith("json")) return;
  const escape = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");
  const place = ["paths", path, method.toLowerCase(), "responses", String(status), "content", type, "schema"];
  const pointer = encodeURI(place.map(escape).join("/"));
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `api#/${pointer}` });
  validators.set(pointer, validate);
  validate(json);
  expect(validate.errors ?? [], `${method} ${path} ${status} is as documented`).toEqual([]);
}
