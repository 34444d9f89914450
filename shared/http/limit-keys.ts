import { hash } from "node:crypto";
import { isEmail, normaliseEmail } from "../accounts/email.ts";
import type { LimitKey } from "../limits/buckets.ts";
import { policies, type KeyKind } from "../limits/policies.ts";
import { hostOf, networkOf } from "../platform/network.ts";
import { textMember } from "./body.ts";
import { namedClient } from "./client-credentials.ts";
import { presentedDevice } from "./cookies.ts";
import type { CallAtGate } from "./gates/gate.ts";

/** What a call is counted by under its endpoint's policies; less before its session or body is read. */
export function limitKeys(call: CallAtGate): LimitKey[] {
  return call.spec.limits.flatMap((policy) => {
    const value = valueOf[policies[policy].by](call);
    return value === undefined ? [] : [{ policy, value }];
  });
}

const valueOf: Readonly<Record<KeyKind, (call: CallAtGate) => string | undefined>> = {
  network: networkOfCall,
  device: (call) => deviceOfCall(call) ?? networkOfCall(call),
  identifier({ body }) {
    const email = textMember(body, "email");
    return email !== undefined && isEmail(email) ? normaliseEmail(email) : undefined;
  },
  // Counted by the flow, which reads the challenge.
  challenge: () => undefined,
  account: ({ principal }) => principal?.account.id,
  client: ({ context, request, body }) => {
    const name = namedClient(request.headers.get("authorization"), body) ?? "";
    // Anyone can name any client: all names from one host share some buckets, so that guessed ones fill no database.
    return `${hostOf(context.source.address)} ${hash("sha256", name, "buffer").readUInt8() % clientsOfHost}`;
  },
};

const clientsOfHost = 64;

function networkOfCall({ context }: CallAtGate): string {
  return networkOf(context.source.address);
}

/**
 * Nobody gets a fresh count by inventing a device: it takes a right first factor to be given one, also where a second one
 * is due. With an account of one's own there is no end of them: the limits of the account and its network hold all the same.
 */
function deviceOfCall({ context: { services }, cookies, body }: CallAtGate): string | undefined {
  const sent = presentedDevice(services.config, { body: { device_id: textMember(body, "device_id") }, cookies });
  const device = services.devices.recognise(sent);
  return device && `device ${device.hash.toString("base64url")}`;
}
