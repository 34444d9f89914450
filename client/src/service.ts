import type { ErrorCode } from "./api.ts";
import { fail, LatchkeyError } from "./errors.ts";

/** Longer than the service's own retries at a database that is waking up. */
export const timeLimitMs = 40_000;

/** What a call sends. */
export interface Call {
  /** `POST` unless given. */
  readonly method?: "GET" | "PATCH" | "DELETE";
  readonly body?: object;
  readonly accessToken?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Calls the service at a path (no leading slash), and returns the `data` of its answer. @throws LatchkeyError */
export type Service = <T>(path: string, call?: Call) => Promise<T>;

/**
 * Checks a provider's name for use in a path.
 * @throws LatchkeyError PROVIDER_NOT_CONFIGURED for a name that no provider can have, such as `..`, which would lead
 * elsewhere
 */
export function providerName(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw noProvider(name);
  return name;
}

/** Checks an id for use in a path: another text could lead elsewhere. @throws LatchkeyError NOT_FOUND */
export function idPart(id: string): string {
  if (!/^[\w-]+$/.test(id)) throw new LatchkeyError("NOT_FOUND", `There is no ${id}`);
  return id;
}

export const noProvider = (name: string) =>
  new LatchkeyError("PROVIDER_NOT_CONFIGURED", `There is no provider ${name}`);

export function createService(options: {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly withCookies: boolean;
}): Service {
  async function ask<T>(path: string, { method, body, accessToken, signal }: Call = {}): Promise<T> {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = setTimeout(stop, timeLimitMs);
    signal?.addEventListener("abort", stop);
    const init: RequestInit = {
      method: method ?? "POST",
      credentials: options.withCookies ? "include" : "omit",
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      // The service never redirects, and credentials go only to it.
      redirect: "manual",
      signal: abort.signal,
    };
    try {
      return await readData<T>(await options.fetch(options.baseUrl + path, init));
    } catch (cause) {
      if (cause instanceof LatchkeyError) throw cause;
      throw new LatchkeyError("NETWORK_ERROR", `The service could not be reached: ${String(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
  return <T>(path: string, call?: Call) => ask<T>(path, call).catch(fail);
}

interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data?: unknown;
  readonly error_code?: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The data of an answer. An answer without the service's envelope comes from something in between, whatever its status.
 */
async function readData<T>(response: Response): Promise<T> {
  const { ok, status, headers } = response;
  const { success, data, error_code, message, details } = parse(await response.text());
  if (ok && success && data) {
    // Nobody is signed in yet: a sign-in must not resolve.
    const { mfa_required, mfa_enrolment_required } = data as Record<string, unknown>;
    if (mfa_required || mfa_enrolment_required) {
      const due = new LatchkeyError("MFA_REQUIRED", message ?? "", { status, details: data as Envelope["details"] });
      // Whoever reports errors must not send the mfa_token along.
      throw Object.defineProperty(due, "details", { enumerable: false });
    }
    return data as T;
  }
  const about = { status, details, retryAfterSeconds: readRetryAfter(headers) };
  if (success === false && error_code && message) throw new LatchkeyError(error_code, message, about);
  throw new LatchkeyError(
    "BLOCKED_BY_INTERMEDIARY",
    `A firewall or gateway answered ${status} instead of the service: see docs/deployment.md`,
    about,
  );
}

function parse(text: string): Partial<Envelope> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Envelope>;
  } catch {
    return {};
  }
}

/** The header's seconds. Its other form, a date, would depend on this device's clock. */
function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get("Retry-After") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
