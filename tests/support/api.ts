import { expect } from "vitest";
import { endpointsAt } from "../../shared/http/catalogue.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";
import { expectSecurityHeaders } from "./headers.ts";
import { expectDocumented } from "./openapi.ts";

/** A JSON value whose members a test reaches into. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests state what they expect of an answer; its static type would only repeat it.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any; // The text of what is not JSON.
  /** The `Set-Cookie` headers. */
  readonly setCookies: string[];
  /** The refresh cookie that was set, as `name=value`. */
  readonly cookie: string | undefined;
}

export interface ApiRequest {
  readonly body?: unknown;
  /** The parameters of a form, instead of a body. */
  readonly form?: Record<string, string> | string;
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
    const isJson = text !== "" && (response.headers.get("content-type") ?? "").endsWith("json");
    const json: unknown = isJson ? JSON.parse(text) : text || undefined;
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

function toInit({ form, ...request }: ApiRequest): RequestInit {
  const { body, bearer, cookie, headers } = request;
  if (form !== undefined) {
    const type = { "Content-Type": "application/x-www-form-urlencoded" };
    return toInit({ ...request, body: new URLSearchParams(form).toString(), headers: { ...type, ...headers } });
  }
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

const problemKeys = ["type", "title", "status", "detail", "instance", "error_code", "details"];

function checkPromises(
  { method, path }: { method: string; path: string },
  { status, headers, json }: Pick<ApiAnswer, "status" | "headers" | "json">,
): void {
  const endpoint = endpointsAt(path.split("?")[0] ?? "").find(
    (entry) => entry.method === (method === "HEAD" ? "GET" : method),
  );
  // What comes as one media type or another by the `Accept` of the request says so.
  const types = Object.keys(endpoint?.format.contents ?? {}).length;
  const isEither = status >= 400 ? endpoint?.format.showsErrors === true : status === 200 && types > 1;
  const isNegotiated = method !== "POST" && isEither;
  expect(headers.get("vary")).toBe(isNegotiated ? "Origin, Accept" : "Origin");
  expectSecurityHeaders({ endpoint, status, headers });
  const isTooOld = (json as { error_code?: string } | undefined)?.error_code === "REAUTHENTICATION_REQUIRED";
  expect(headers.has("www-authenticate")).toBe(status === 401 || isTooOld);
  if (endpoint && method !== "HEAD") {
    const contentType = headers.get("content-type") ?? "";
    expectDocumented({ method, route: endpoint.route, status, contentType, json });
  }
  if (status < 400 || json === undefined || headers.get("content-type") === "text/html; charset=utf-8") return;
  if (endpoint?.format === oauth) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(Object.keys(json as object)).toEqual(["error", "error_description"]);
    // RFC 6749, section 5.2: the characters that a description may have.
    for (const text of Object.values(json as Record<string, string>))
      expect(text).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/);
    return;
  }
  const isProblem = headers.get("content-type") === "application/problem+json";
  const keys = isProblem
    ? [...problemKeys, ...(status === 429 && "violated-policies" in (json as object) ? ["violated-policies"] : [])]
    : ["success", "status_code", "message", "error_code", "details", "timestamp"];
  expect(Object.keys(json as object)).toEqual(keys);
  const { error_code: code } = json as { error_code: string };
  if (endpoint) expect(endpoint.errors, `${method} ${path} declares ${code}`).toContain(code);
}
