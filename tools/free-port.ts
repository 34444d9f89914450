import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port of this machine that nothing listens on at the moment. It is none of those that systems give to outgoing
 * connections (from 32768 on): one of them might take it before a server that starts slowly.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const server = createServer().listen(port, "127.0.0.1");
    if (await once(server, "listening").catch(() => false)) {
      server.close();
      await once(server, "close");
      return port;
    }
  }
}
