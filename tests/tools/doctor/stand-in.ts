import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { whenDone } from "../../support/when-done.ts";

/** An answer of the service on its way through a gateway, which may change it. */
export interface Passing {
  status: number;
  readonly headers: Headers;
  body: string;
}

/** Changes an answer to `METHOD /path` in place. */
export type Alter = (passing: Passing, request: IncomingMessage) => void;

export interface StandIn {
  readonly url: string;
  /** What happens to answers from now on; they pass unchanged at first. */
  alter: Alter;
  /** Where requests go. */
  upstream: string;
}

const noBody = new Set([204, 304]);

/** A gateway in front of the service, on loopback: over https with `secure`. */
export async function startStandIn(secure?: { key: string; cert: string }): Promise<StandIn> {
  const pass = async (...[request, response]: Parameters<RequestListener>) => {
    const { status, headers, body } = await forward(standIn, request);
    const lines = [...headers].filter(
      ([name]) => !/^(?:set-cookie|content-length|connection|keep-alive|transfer-encoding)$/.test(name),
    );
    for (const [name, value] of lines) response.setHeader(name, value);
    if (headers.get("date") === null) response.sendDate = false;
    response.setHeader("Set-Cookie", headers.getSetCookie());
    response.writeHead(status).end(noBody.has(status) ? undefined : body);
  };
  const serve: RequestListener = (...exchange) => void pass(...exchange);
  const server = secure ? createSecureServer(secure, serve) : createServer(serve);
  const port = await listen(server);
  const standIn: StandIn = {
    url: `${secure ? "https" : "http"}://localhost:${port}`,
    alter: () => undefined,
    upstream: "",
  };
  return standIn;
}

/** A server of its own, on loopback. @returns its port */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "localhost");
  await once(server, "listening");
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function forward({ upstream, alter }: StandIn, request: IncomingMessage): Promise<Passing> {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !/^(?:host|connection|content-length|transfer-encoding)$/.test(name),
  );
  const sent = await buffer(request);
  const response = await fetch(upstream + (request.url ?? ""), {
    method: request.method ?? "GET",
    headers: headers as [string, string][],
    redirect: "manual",
    ...(sent.length > 0 && { body: sent }),
  });
  const passing = { status: response.status, headers: new Headers(response.headers), body: await response.text() };
  alter(passing, request);
  return passing;
}
