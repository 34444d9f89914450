import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { expect, test } from "vitest";
import { selfSigned } from "../../tools/self-signed.ts";
import { whenDone } from "../support/when-done.ts";

test("of several certificates that are trusted at once, a server's own is the one that it is checked with", async () => {
  const certificates = Array.from({ length: 8 }, selfSigned);
  for (const certificate of certificates) {
    const server = tls.createServer(certificate, (socket) => socket.end());
    server.listen(0, "127.0.0.1");
    whenDone(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ca = certificates.map(({ cert }) => cert);
    const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
});
