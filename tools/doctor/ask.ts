import { oneLine } from "../local-host/failure.ts";

/** What the doctor examines. */
export interface Patient {
  /** The web app's address; only its origin matters. */
  readonly app: URL;
  /** The base address of the API, without a trailing slash. */
  readonly api: string;
  /** How long one answer may take. */
  readonly timeoutMs: number;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body. */
  readonly text: string;
  /** The body parsed as JSON; undefined if it is not. */
  readonly json: unknown;
  /** The times, in milliseconds, between which it was answered. */
  readonly between: readonly [number, number];
}

/** No answer came. */
export class NoAnswer extends Error {}

/** Sends one request to the API, without following redirects. @throws NoAnswer saying why */
export async function ask({ api, timeoutMs }: Patient, path: string, question: Question = {}): Promise<Answer> {
  const from = Date.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(api + path, { ...question, redirect: "manual", signal });
    const between = [from, Date.now()] as const;
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text), between };
  } catch (error) {
    throw new NoAnswer(describe(error, timeoutMs), { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node puts the reason of a failed fetch in the error's cause. */
function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `none within ${timeoutMs / 1000} seconds`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return oneLine(code ?? cause ?? error);
}

/** A member of a JSON value at any depth; undefined if there is none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/**
 * A text from the API that is safe to print: control characters are replaced, long texts cut; other values become
 * "nothing".
 */
export function shown(value: unknown): string {
  return typeof value === "string" ? value.replaceAll(/\p{C}/gu, "?").slice(0, 200) : "nothing";
}
