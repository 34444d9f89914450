import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** A server's open connections, with the answers that they are waiting for. */
export interface Connections {
  /** Calls `then` once the pending answers of this connection have been sent; at once if there are none. */
  afterAnswers(socket: Duplex, then: () => void): void;
  /** Ends the connections that wait for no answer: idle ones, and those with half a request. */
  closeWaiting(): void;
}

export function trackConnections(server: Server): Connections {
  /** Open connections with their latest answer, which Node sends after all earlier ones. */
  const latest = new Map<Duplex, ServerResponse | undefined>();
  server.on("connection", (socket) => {
    latest.set(socket, undefined);
    socket.once("close", () => latest.delete(socket));
  });
  server.on("request", (request, response) => latest.set(request.socket, response));
  const pending = (socket: Duplex) => {
    const answer = latest.get(socket);
    return answer && !answer.writableFinished ? answer : undefined;
  };
  return {
    afterAnswers(socket, then) {
      const answer = pending(socket);
      if (answer) answer.once("finish", then);
      else then();
    },
    closeWaiting() {
      for (const socket of latest.keys()) if (!pending(socket)) socket.destroy();
    },
  };
}
