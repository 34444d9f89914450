import { generateKeyPairSync, sign } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { MessageReader, writeMessage } from "./packets.ts";

/** A self-signed certificate for `localhost`, made for this run: no key lies about in the project. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...length]), body]);
  };
  const ecdsaSha256 = der(0x30, Buffer.from("06082a8648ce3d040302", "hex"));
  const name = der(0x30, der(0x31, der(0x30, Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from("localhost")))));
  const time = (text: string) => der(0x17, Buffer.from(text));
  const body = der(
    0x30,
    der(0xa0, Buffer.from("020102", "hex")),
    Buffer.from("020101", "hex"),
    ecdsaSha256,
    name,
    der(0x30, time("200101000000Z"), time("490101000000Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, privateKey));
  const certificate = der(0x30, body, ecdsaSha256, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}

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
