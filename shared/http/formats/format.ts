import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Answer, Exchange, SetCookie } from "../answer.ts";
import type { BodyFormat } from "../body.ts";
import type { CorsPolicy } from "../cors.ts";

/**
 * How an endpoint reads requests, answers them and reports errors. `T` is what a reply must contain: an endpoint with
 * any other reply does not compile.
 */
export interface Format<in T> {
  readonly body: BodyFormat;
  /** The media types of a success, each with its JSON Schema, made from the reply's schema and the status. */
  readonly contents: Readonly<Record<string, (reply: JsonSchema, status: number) => JsonSchema>>;
  /** Which web pages may read the answers. */
  readonly cors: CorsPolicy;
  /** Whether GET also answers HEAD; not if a visit has effects. */
  readonly takesHead: boolean;
  /** Whether errors may come as pages. */
  readonly showsErrors?: boolean;
  readonly answer: (exchange: Exchange, outcome: Outcome<T>) => Answer;
  readonly tellError: (exchange: Exchange, error: ApiError) => Answer;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of any text. */
export const anyText = (): JsonSchema => ({ type: "string" });

/** What a handler returned. */
export interface Outcome<T> {
  /** The data as the handler returned it. */
  readonly data: unknown;
  /** The data without what the reply's schema does not name. @throws ZodError if it does not match */
  readonly shown: () => T;
  readonly status: number;
  readonly message: string;
  readonly cookies: readonly SetCookie[] | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}
