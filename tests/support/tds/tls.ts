import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { selfSigned } from "../../../tools/self-signed.ts";
import { MessageReader, writeMessage } from "./packets.ts";

const own = selfSigned();

/**
 * The server's end of TLS within TDS 7: the handshake travels in PRELOGIN packets, what follows goes bare.
 * TLS 1.2, as the protocol's handshake asks for one answer to each message.
 */
export function secure(socket: Socket): tls.TLSSocket {
  const reader = new MessageReader();
  let isBare = false;
  let flight: Buffer[] = [];
  const wrapped = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, next) {
      if (isBare) {
        socket.write(chunk, () => next());
        return;
      }
      if (flight.length === 0) {
        setImmediate(() => {
          writeMessage(socket, Buffer.concat(flight), 0x12);
          flight = [];
        });
      }
      flight.push(chunk);
      next();
    },
  });
  socket.on("data", (chunk: Buffer) => {
    isBare ||= chunk[0] !== 0x12;
    if (isBare) wrapped.push(chunk);
    else for (const { bytes } of reader.add(chunk)) wrapped.push(bytes);
  });
  socket.once("close", () => wrapped.push(null));
  return new tls.TLSSocket(wrapped, {
    isServer: true,
    secureContext: tls.createSecureContext({ ...own, maxVersion: "TLSv1.2" }),
  });
}
