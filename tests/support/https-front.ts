import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { selfSigned } from "../../tools/self-signed.ts";
import { whenDone } from "./when-done.ts";

/** Puts https in front of a service on this machine, as Azure's front end does. @param ports where it listens, and where the service does */
export async function serveHttps(ports: { readonly own: number; readonly service: number }): Promise<void> {
  const server = https.createServer(selfSigned(), (incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = http.request({ host: "127.0.0.1", port: ports.service, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.listen(ports.own, "127.0.0.1");
  await once(server, "listening");
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
}
