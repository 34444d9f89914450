import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { whenDone } from "./when-done.ts";

export interface AcsCall {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type AcsReply = readonly [status: number, body?: unknown, headers?: Record<string, string>];

/** Stands for Azure, which cannot run here: it answers `emails:send`, and the question after an operation. */
export async function startAcs(answer: AcsReply | ((response: ServerResponse) => void), operation: AcsReply = [404]) {
  const calls: AcsCall[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    calls.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const reply = request.method === "GET" ? operation : answer;
    if (typeof reply === "function") return reply(response);
    const [status, json, headers = {}] = reply;
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof json === "string" ? json : JSON.stringify(json ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}
