import type { IncomingMessage } from "node:http";

const REQUEST_LINE_BYTES = 8 * 1024;
const HEADER_BYTES = 32 * 1024;
const HEADER_COUNT = 100;

/** When Node stops reading a request's head: beyond both of Azure's limits, which `refusal` tells apart. */
export const PARSER_LIMITS = {
  maxHeaderSize: REQUEST_LINE_BYTES + HEADER_BYTES,
  maxHeadersCount: HEADER_COUNT + 1,
};

/** A longer body gets 413. */
export const BODY_BYTES = 100 * 1024 * 1024;

/** A valid `Host` header: host or host:port, IPv6 addresses in brackets. */
const HOST = /^(?:[\w.~!$&'()-]+|\[[\da-f:.]+\])(?::(\d+))?$/i;

/**
 * The status with which Azure's host itself refuses a request's head, before looking for a function; `undefined` if the
 * head is fine.
 */
export function refusal(request: IncomingMessage): number | undefined {
  const { rawHeaders, method = "", url = "" } = request;
  if (method.length + url.length + " HTTP/1.1 \r\n".length > REQUEST_LINE_BYTES) return 414;
  if (rawHeaders.length > HEADER_COUNT * 2) return 431;
  if (headerBytes(rawHeaders) > HEADER_BYTES) return 431;
  return hostRefusal(rawHeaders) ?? (bodyLength(request) > BODY_BYTES ? 413 : undefined);
}

/** The status for a connection whose bytes Node could not parse as a request. `packet` is what it was reading. */
export function unreadableStatus(code: string | undefined, packet: Buffer | undefined): number {
  const start = packet?.toString("latin1", 0, REQUEST_LINE_BYTES) ?? "";
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return 408;
  if (code === "HPE_HEADER_OVERFLOW") return /^[A-Z]+ [^\r\n]*$/.test(start) ? 414 : 431;
  // No function can have a method that Node does not know.
  return code === "HPE_INVALID_METHOD" && /^[A-Z]+ \S+ HTTP\/1\.\d\r?\n/i.test(start) ? 404 : 400;
}

/** The declared length of the body; a chunked body counts as empty, because the host does not pass it on. */
export function bodyLength(request: IncomingMessage): number {
  return Number(request.headers["content-length"] ?? 0);
}

function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2; // ": " after a name, CRLF after a value
  return bytes;
}

function hostRefusal(rawHeaders: readonly string[]): number | undefined {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "host");
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return 400;
  if (host === "") return 500;
  const parts = HOST.exec(host);
  if (!parts) return 400;
  // Looks like a host, but is not valid in a URL: an address such as 256.1.1.1.
  if (!URL.canParse(`http://${host.replace(/:\d+$/, "")}/`)) return 400;
  return Number(parts[1] ?? 0) > 65_535 ? 500 : undefined;
}
