import type { ErrorCode } from "./api.ts";
import { LatchkeyError } from "./errors.ts";

/** Longer than the service itself takes for its tries at a database that is waking up. */
const timeLimitMs = 60_000;

/** A call to the service. */
export interface Call {
  readonly method: "GET" | "POST";
  /** Below the base URL, without a slash at its beginning. */
  readonly path: string;
  readonly body?: object;
  readonly accessToken?: string | undefined;
}

/** Sends a call and gives the `data` of its answer. @throws LatchkeyError */
export type Service = <T>(call: Call) => Promise<T>;

export function createService(options: {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly withCookies: boolean;
}): Service {
  return async <T>({ method, path, body, accessToken }: Call) => {
    const init: RequestInit = {
      method,
      credentials: options.withCookies ? "include" : "omit",
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeLimitMs),
    };
    let response: Response;
    try {
      response = await options.fetch(options.baseUrl + path, init);
    } catch (cause) {
      throw new LatchkeyError("NETWORK_ERROR", "The service could not be reached", { cause });
    }
    return readData<T>(response);
  };
}

interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data?: unknown;
  readonly error_code?: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The data of an answer. A gateway before the service may answer with anything. */
async function readData<T>(response: Response): Promise<T> {
  const { status } = response;
  const retryAfterSeconds = readRetryAfter(response);
  let envelope: Partial<Envelope>;
  try {
    envelope = ((await response.json()) ?? {}) as Partial<Envelope>;
  } catch (cause) {
    const message = `The service answered ${status} without a readable body`;
    throw new LatchkeyError("UNEXPECTED_ANSWER", message, { status, retryAfterSeconds, cause });
  }
  if (response.ok && envelope.success === true) return envelope.data as T;
  const { error_code: code = "UNEXPECTED_ANSWER", message = `The service answered ${status}`, details = {} } = envelope;
  throw new LatchkeyError(code, message, { status, details, retryAfterSeconds });
}

/** The header's seconds. Its other form, a date, would have to be held against this device's clock. */
export function readRetryAfter({ headers }: Response): number | undefined {
  const text = headers.get("Retry-After")?.trim() ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
