import { domainToASCII } from "node:url";
import * as z from "zod";

/** Dot-separated atoms (RFC 5322, section 3.2.3), in ASCII: every server takes them. */
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** An address of our own, such as the sender's. A domain in its own letters is turned into A-labels. */
export const mailAddress = z
  .string()
  .max(254, "must have 254 characters at most")
  .transform(onTheWire)
  .refine(
    isOwnAddress,
    "must be only a mail address, such as noreply@example.com; a name goes into a setting of its own",
  );

/**
 * An address in the form in which it is sent: with its domain in A-labels (RFC 5890). Not every server can be sent
 * other letters (RFC 6531), and every one can be sent these.
 */
export function onTheWire(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  // The parser would also change what is ASCII already, such as %41.
  if (/^[\x20-\x7E]*$/.test(domain)) return address;
  return address.slice(0, at) + (domainToASCII(domain) || domain);
}

function isOwnAddress(address: string): boolean {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  if (at < 1 || local.length > 64 || !localPart.test(local)) return false;
  return isHostName(address.slice(at + 1));
}

/** Whether a text is a host's name in ASCII (RFC 1123, section 2.1). */
export function isHostName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}
