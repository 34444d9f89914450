import type * as z from "zod";
import type { Config } from "../config.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { Confirmation } from "./confirmation.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** Who may call: anybody, a live session, or an OAuth client that has authenticated itself. */
export type Access = "public" | "session" | "client";
/** What a caller may show to an endpoint that does not ask for it. */
export type OptionalCredential = "bearer" | "refresh_token";
/**
 * The envelope of the API, a document with a shape of its own, the requests and errors of OAuth, a browser's visit that is
 * sent on, or a page.
 */
export type Form = "envelope" | "bare" | "oauth" | "redirect" | "page";
/** A rate-limit policy. Endpoints declare theirs from the start; the limiter will enforce them. */
export type LimitPolicy = "credentials" | "registration" | "refresh" | "client";

/** What is known of an endpoint: the source of preflight and 405 answers, of the documents and of the tests' matrix. */
export interface CatalogueEntry {
  readonly name: string;
  readonly method: Method;
  /** The route template as Azure takes it, such as `auth/oauth/{provider}`. */
  readonly route: string;
  readonly summary: string;
  readonly access: Access;
  /** What it asks for beside an access token. */
  readonly confirmation: Confirmation | undefined;
  readonly limits: readonly LimitPolicy[];
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly reply: z.ZodType;
  readonly status: number;
  /** Whether it is there under these settings. */
  readonly isOffered: (config: Config) => boolean;
  /** Every code that it may answer. */
  readonly errors: readonly ErrorCode[];
  readonly cors: "listed" | "any";
  readonly form: Form;
  /** Credentials that it takes although it is open to all. */
  readonly accepts: readonly OptionalCredential[];
  /** The message of the envelope, unless a handler says another. */
  readonly message: string;
  /** The media type of what it answers when all is well. */
  readonly contentType: string;
}

const entries: CatalogueEntry[] = [];

/** Adds an endpoint. @throws Error when its name, or its method and route, are taken */
export function addToCatalogue(entry: CatalogueEntry): void {
  const twin = entries.find(
    ({ name, method, route }) => name === entry.name || (method === entry.method && route === entry.route),
  );
  if (twin) throw new Error(`endpoint ${entry.name} stands in the catalogue already`);
  entries.push(entry);
}

/** All endpoints whose files have been loaded. */
export function catalogue(): readonly CatalogueEntry[] {
  return entries;
}

/** The endpoints at a path, whatever their method. @param path as in a URL; letter case and a trailing slash do not count */
export function endpointsAt(path: string): CatalogueEntry[] {
  const segments = split(path);
  return entries.filter(({ route }) => {
    const template = split(route);
    return (
      template.length === segments.length &&
      template.every((part, index) => part.startsWith("{") || part === segments[index])
    );
  });
}

/** Whether HEAD goes with an endpoint's GET; not where a visit has effects, such as a redirect's. */
export function takesHead({ method, form }: CatalogueEntry): boolean {
  return method === "GET" && form !== "redirect";
}

/** The methods that a set of endpoints of different methods takes, for `Allow`. */
export function allowedMethods(endpoints: readonly CatalogueEntry[]): string[] {
  const methods = endpoints.flatMap((entry) => (takesHead(entry) ? ["GET", "HEAD"] : [entry.method]));
  return [...methods.toSorted(), "OPTIONS"];
}

function split(path: string): string[] {
  return path
    .toLowerCase()
    .replace(/^\/|\/$/g, "")
    .split("/");
}
