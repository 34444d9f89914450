import { expect } from "vitest";
import { endpointsAt } from "../../shared/http/catalogue.ts";

/** A JSON value whose members a test reaches into. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests state what they expect of an answer; its static type would only repeat it.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any;
  /** The `Set-Cookie` headers. */
  readonly setCookies: string[];
  /** The refresh cookie that was set, as `name=value`. */
  readonly cookie: string | undefined;
}

export interface ApiRequest {
  readonly body?: unknown;
  readonly bearer?: string | undefined;
  readonly cookie?: string | undefined;
  readonly headers?: Record<string, string>;
}

export interface Api {
  send(method: string, path: string, request?: ApiRequest): Promise<ApiAnswer>;
  get(path: string, request?: ApiRequest): Promise<ApiAnswer>;
  post(path: string, request?: ApiRequest): Promise<ApiAnswer>;
}

/** Speaks to the service as a client does, and holds every answer against what is promised of all of them. */
export function createApi(baseUrl: string): Api {
  const send = async (method: string, path: string, request: ApiRequest = {}): Promise<ApiAnswer> => {
    const response = await fetch(baseUrl + path, {
      method,
      redirect: "manual",
      ...toInit(request),
    });
    const text = await response.text();
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    const setCookies = response.headers.getSetCookie();
    const answer = {
      status: response.status,
      headers: response.headers,
      json,
      setCookies,
      cookie: setCookies[0]?.split(";")[0],
    };
    checkPromises({ method, path }, answer);
    return answer;
  };
  return {
    send,
    get: (path, request) => send("GET", path, request),
    post: (path, request) => send("POST", path, request),
  };
}

function toInit({ body, bearer, cookie, headers }: ApiRequest): RequestInit {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return {
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      ...(cookie !== undefined && { Cookie: cookie }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
  };
}

function checkPromises(
  { method, path }: { method: string; path: string },
  { status, headers, json }: Pick<ApiAnswer, "status" | "headers" | "json">,
): void {
  expect(headers.get("vary")).toBe("Origin");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(headers.has("www-authenticate")).toBe(status === 401);
  if (status < 400 || json === undefined) return;
  const isProblem = headers.get("content-type") === "application/problem+json";
  const keys = isProblem
    ? ["type", "title", "status", "detail", "instance", "error_code", "details"]
    : ["success", "status_code", "message", "error_code", "details", "timestamp"];
  expect(Object.keys(json as object)).toEqual(keys);
  const { error_code: code } = json as { error_code: string };
  const endpoint = endpointsAt(path.split("?")[0] ?? "").find(
    (entry) => entry.method === (method === "HEAD" ? "GET" : method),
  );
  if (endpoint) expect(endpoint.errors, `${method} ${path} declares ${code}`).toContain(code);
}
