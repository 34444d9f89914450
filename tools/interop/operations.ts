import { readFileSync } from "node:fs";

/** An endpoint of the API document, with a value for each of its parameters that passes its first checks. */
export interface Operation {
  readonly method: string;
  /** As in the document: `/auth/oauth/{provider}`. */
  readonly route: string;
  readonly path: Fields;
  readonly query: Fields;
  /** Undefined for a call without a body. */
  readonly body: Fields | undefined;
  /** Whether it takes its body as a form, and not as JSON. */
  readonly isForm: boolean;
  /** The credentials that it asks for, or takes. */
  readonly credentials: readonly string[];
}

type Fields = Readonly<Record<string, string>>;

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly examples?: readonly string[];
  readonly default?: string;
}

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly schema: Schema;
    readonly example?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

const form = "application/x-www-form-urlencoded";

/** Every operation of `docs/openapi.json`, once for each media type that its body may have. */
export function documentedOperations(): Operation[] {
  const { paths } = JSON.parse(readFileSync("docs/openapi.json", "utf8")) as {
    paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  };
  return Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => operationsOf(method.toUpperCase(), route, described)),
  );
}

function operationsOf(
  method: string,
  route: string,
  { parameters = [], requestBody, security = [] }: Described,
): Operation[] {
  const of = (place: "path" | "query") =>
    Object.fromEntries(
      parameters.filter((one) => one.in === place).map((one) => [one.name, sample(one.name, one.schema, one.example)]),
    );
  const [path, query] = [of("path"), of("query")];
  const credentials = [...new Set(security.flatMap((way) => Object.keys(way)))];
  const bodies = Object.entries(requestBody?.content ?? {});
  if (bodies.length === 0) return [{ method, route, path, query, credentials, body: undefined, isForm: false }];
  return bodies.map(([type, { schema }]): Operation => {
    const body = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, sample(name, one)] as const);
    return { method, route, path, query, credentials, body: Object.fromEntries(body), isForm: type === form };
  });
}

/** What the document gives no example of. */
const samples: Fields = {
  client_id: "3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3",
  code: "123456",
  code_verifier: "v".repeat(43),
  grant_type: "client_credentials",
  limit: "10",
  locale: "de",
  max_age: "60",
  provider: "acme",
  redirect_to: "http://localhost:3000/",
  redirect_uri: "http://localhost:3000/",
  password: "seven quiet lanterns by the river",
  token: "t".repeat(43),
};

function sample(name: string, { examples = [], default: usual }: Schema, example?: string): string {
  return samples[name] ?? example ?? examples[0] ?? usual ?? "sample";
}
