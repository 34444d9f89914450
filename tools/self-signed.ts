import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

/**
 * A self-signed certificate for `localhost`, made for this run, so that no key lies around in the project. No two have one
 * name: who trusts two of a name may check a server's certificate with the other one's key, and refuse it.
 */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    // The shortest form: browsers refuse a longer one (X.690, section 10.1).
    const long = body.length < 256 ? [0x81] : [0x82, body.length >> 8];
    const length = body.length < 128 ? [body.length] : [...long, body.length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...length]), body]);
  };
  const ecdsaSha256 = der(0x30, Buffer.from("06082a8648ce3d040302", "hex"));
  const attribute = (oid: string, text: string) =>
    der(0x31, der(0x30, Buffer.from(oid, "hex"), der(0x0c, Buffer.from(text))));
  // An organization (2.5.4.10) and a common name (2.5.4.3).
  const name = der(0x30, attribute("060355040a", randomUUID()), attribute("0603550403", "localhost"));
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
