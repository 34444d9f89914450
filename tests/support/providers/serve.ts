import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { whenDone } from "../when-done.ts";

/** A request to an imitated provider. */
export interface ProviderRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** The body as a form. */
  readonly form: URLSearchParams;
}

/** What it answers: JSON unless it is a text. */
export interface ProviderAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** How a provider may fail instead of answering. */
export type ProviderFault = "silent" | "hangs up" | "redirects" | "oversized" | "no JSON" | "throttles" | number;

/** A provider on this machine, by its real HTTP interface. */
export interface ProviderServer {
  readonly url: string;
  /** What it was asked, as `METHOD /path`. */
  readonly asked: string[];
  /** Paths, and how each of them fails; `*` is any path. */
  readonly faults: Map<string, ProviderFault>;
  /** Paths, and what members the objects have that they answer, besides or instead of their own. */
  readonly amended: Map<string, object>;
}

/** Serves until the tests of the file are done. */
export async function serveProvider(
  answer: (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>,
): Promise<ProviderServer> {
  const asked: string[] = [];
  const faults = new Map<string, ProviderFault>();
  const amended = new Map<string, object>();
  const server = http.createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(incoming.url ?? "", base);
    const { method = "", headers } = incoming;
    asked.push(`${method} ${url.pathname}`);
    const fault = faults.get(url.pathname) ?? faults.get("*");
    if (fault !== undefined) return fail(fault, response);
    const {
      status = 200,
      headers: more,
      body: content,
    } = await answer({ method, url, headers, body, form: new URLSearchParams(body) });
    const isText = typeof content === "string";
    response.writeHead(status, { "Content-Type": isText ? "text/html" : "application/json", ...more });
    const members = amended.get(url.pathname);
    response.end(isText ? content : JSON.stringify(members ? { ...(content as object), ...members } : (content ?? {})));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: base, asked, faults, amended };
}

function fail(fault: ProviderFault, response: http.ServerResponse): void {
  if (fault === "silent") return;
  if (fault === "hangs up") response.destroy();
  else if (fault === "redirects") response.writeHead(302, { Location: "http://127.0.0.1:9/" }).end();
  else if (fault === "oversized") response.writeHead(200).end(`{"a":"${"x".repeat(300_000)}"}`);
  else if (fault === "no JSON") response.writeHead(200, { "Content-Type": "text/html" }).end("<html>");
  else if (fault === "throttles") response.writeHead(403, { "X-RateLimit-Remaining": "0" }).end("{}");
  else response.writeHead(fault, { "Content-Type": "application/json" }).end("{}");
}
