import type { ServerResponse } from "node:http";
import type { RpcCookie, RpcHttpResponse } from "./core-types.ts";

/** An answer that is ready to send. */
export interface Message {
  readonly status: number;
  /** Names and values, alternating. */
  readonly headers: string[];
  readonly body?: Uint8Array | undefined;
  /** Whether the connection ends after it. */
  readonly isLast?: boolean;
}

/** What Azure's host can send in a header; anything else turns the answer into a 500. */
const SENDABLE = /^[\t\x20-\x7e]*$/;

/** The host frames messages itself, so a function's own values for these are dropped. */
const FRAMING = new Set(["content-length", "transfer-encoding", "connection", "keep-alive"]);

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** An answer without body or headers. */
export function emptyMessage(status: number): Message {
  return { status, headers: [] };
}

/**
 * Converts a function's answer into what Azure's host sends. `undefined` (the function returned nothing) becomes 204.
 * @throws Error if a cookie cannot be sent
 */
export function toMessage(answer: RpcHttpResponse | undefined): Message {
  if (!answer) return emptyMessage(204);
  const headers: string[] = [];
  for (const [name, value] of Object.entries(answer.headers)) {
    if (FRAMING.has(name)) continue;
    // The headers before the bad one are already set, and stay.
    if (!SENDABLE.test(value)) return { status: 500, headers };
    headers.push(name, value);
  }
  for (const cookie of answer.cookies) headers.push("set-cookie", formatCookie(cookie));
  return { status: Number(answer.statusCode), headers, body: answer.body?.bytes };
}

/** Sends the message, framed by `Content-Length`. */
export function send(response: ServerResponse, { status, headers, body }: Message): void {
  const length = body?.byteLength ?? 0;
  const isFramed = status !== 204 && status !== 304 && (length > 0 || response.req.method !== "HEAD");
  if (isFramed) headers.push("content-length", String(length));
  response.writeHead(status, headers);
  // As text, one byte per character, head and body go out in one write; as bytes they would need a vectored one.
  response.end(body && Buffer.from(body.buffer, body.byteOffset, length).toString("latin1"), "latin1");
}

/**
 * Formats a cookie as ASP.NET does; the path is `/` unless the function named one. @throws Error if it cannot be sent
 */
export function formatCookie(cookie: RpcCookie): string {
  const { name, value, expires, maxAge, domain, path, secure, sameSite = "none", httpOnly } = cookie;
  const parts = [`${name}=${encodeURIComponent(value).replaceAll(/[!'()*]/g, percentEncode)}`];
  if (expires) parts.push(`expires=${new Date(expires.value.seconds * 1000).toUTCString()}`);
  if (maxAge) parts.push(`max-age=${Math.trunc(maxAge.value)}`);
  if (domain) parts.push(`domain=${domain.value}`);
  parts.push(`path=${path?.value ?? "/"}`);
  if (secure?.value) parts.push("secure");
  if (sameSite !== "none") parts.push(`samesite=${sameSite === "explicitNone" ? "none" : sameSite}`);
  if (httpOnly?.value) parts.push("httponly");
  const text = parts.join("; ");
  if (!TOKEN.test(name) || !SENDABLE.test(text)) throw new Error(`The cookie "${name}" cannot be sent.`);
  return text;
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
