import { createServer, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { trackConnections, type Connections } from "./connections.ts";
import { describeFailure } from "./failure.ts";
import type { Invoke } from "./invoke.ts";
import { PARSER_LIMITS, refusal, unreadableStatus } from "./limits.ts";
import { formatPeer, readBody, readHeaders } from "./request.ts";
import { emptyMessage, send, toMessage, type Message } from "./response.ts";
import { matchRoute, type HttpRoute } from "./router.ts";
import { readQuery, readTarget } from "./target.ts";
import { awaitRest, type TimeLimits } from "./time-limits.ts";

/** Node's default, made explicit: how long a connection may stay idle. */
const KEEP_ALIVE_MS = 5_000;

/** How long a client may keep sending after the answer that ends its connection. */
const LAST_WORD_MS = 1_000;

export interface HttpOptions {
  /** In matching order. */
  readonly routes: readonly HttpRoute[];
  readonly invoke: Invoke;
  readonly appendPeer: boolean;
  readonly log: (line: string) => void;
  readonly timeLimits: TimeLimits;
  /** How long a connection may stay idle. */
  readonly keepAliveMs: number | undefined;
}

/** Creates a server that answers as Azure's host does; it is not listening yet. */
export function createHttpServer(options: HttpOptions): { server: Server; connections: Connections } {
  const { maxHeaderSize, maxHeadersCount } = PARSER_LIMITS;
  const { timeLimits, keepAliveMs = KEEP_ALIVE_MS } = options;
  const settings = {
    headersTimeout: timeLimits.headMs,
    // A request as a whole has no limit: its body must keep a minimum rate instead.
    requestTimeout: 0,
    connectionsCheckingInterval: timeLimits.checkMs,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize,
    requireHostHeader: false,
    optimizeEmptyRequests: true,
  };
  const server = createServer(settings, async (request, response) => {
    const refused = refusal(request);
    const message = refused ? emptyMessage(refused) : await answer(options, request);
    if (!message) return;
    // After a refusal the rest of the connection cannot be trusted; and a server that is draining ends connections.
    if (refused || message.isLast || !server.listening) response.shouldKeepAlive = false;
    send(response, message);
    awaitRest(request, timeLimits);
  });
  server.maxHeadersCount = maxHeadersCount;
  const connections = trackConnections(server);
  // Requests read before the unreadable part are answered first.
  server.on("clientError", (error, socket) => connections.afterAnswers(socket, () => answerUnreadable(error, socket)));
  server.on("connect", (_request, socket) => endWith(socket, 404));
  return { server, connections };
}

/** Answers one request; `undefined` if the client went away before it was read. */
async function answer(options: HttpOptions, request: IncomingMessage): Promise<Message | undefined> {
  const { method = "", rawHeaders, socket } = request;
  const target = readTarget(request.url ?? "");
  if (!target) return emptyMessage(400);
  const match = matchRoute(options.routes, method, target.path);
  if (!match) return emptyMessage(404);
  const bytes = await readBody(request, options.timeLimits);
  if (!bytes) return undefined;
  if (bytes === "late") return { ...emptyMessage(408), isLast: true };
  const headers = readHeaders(rawHeaders, options.appendPeer ? formatPeer(socket) : undefined);
  const url = `http://${headers["host"]}${target.url}`;
  const http = {
    method,
    url,
    headers,
    query: readQuery(target.search),
    params: match.params,
    body: { bytes },
  };
  try {
    const { returnValue } = await options.invoke(match.called, { data: { http } });
    return toMessage(returnValue?.http);
  } catch (error) {
    options.log(describeFailure(match.called.name, error));
    return emptyMessage(500);
  }
}

function answerUnreadable(error: Error & { code?: string; rawPacket?: Buffer }, socket: Duplex): void {
  if (error.code === "ECONNRESET") socket.destroy();
  // Data that arrives after the final answer causes another error.
  else if (socket.writable) endWith(socket, unreadableStatus(error.code, error.rawPacket));
}

function endWith(socket: Duplex, status: number): void {
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Connection: close", "Content-Length: 0"];
  // For a CONNECT the server no longer handles the socket or its errors.
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n`);
  // Closing at once would reset the connection while the client is still sending, and lose the answer.
  setTimeout(() => socket.destroy(), LAST_WORD_MS);
}
