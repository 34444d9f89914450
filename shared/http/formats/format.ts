import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Answer, Exchange, SetCookie } from "../answer.ts";
import type { BodyFormat } from "../body.ts";
import type { CorsPolicy } from "../cors.ts";

/**
 * How an endpoint reads a request, answers it and tells an error. `T` is what its replies must have: an endpoint whose reply
 * is something else does not compile.
 */
export interface Format<in T> {
  readonly body: BodyFormat;
  /** What a success may come as: each media type with its JSON Schema, made from that of the reply and the status. */
  readonly contents: Readonly<Record<string, (reply: JsonSchema, status: number) => JsonSchema>>;
  /** Which web pages may read the answers. */
  readonly cors: CorsPolicy;
  /** Whether HEAD goes with GET: not where a visit has effects. */
  readonly takesHead: boolean;
  readonly answer: (exchange: Exchange, outcome: Outcome<T>) => Answer;
  readonly tellError: (exchange: Exchange, error: ApiError) => Answer;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What `contents` says of a text. */
export const anyText = (): JsonSchema => ({ type: "string" });

/** What a handler has given. */
export interface Outcome<T> {
  /** The data as the handler gave them. */
  readonly data: unknown;
  /** The data as the reply's schema has them: what it does not name is left out. @throws ZodError when they do not fit */
  readonly shown: () => T;
  readonly status: number;
  readonly message: string;
  readonly cookies: readonly SetCookie[] | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}
