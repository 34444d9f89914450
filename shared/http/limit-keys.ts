import { hash } from "node:crypto";
import { isEmail, normaliseEmail } from "../accounts/email.ts";
import type { LimitKey } from "../limits/buckets.ts";
import { policies, type KeyKind } from "../limits/policies.ts";
import { networkOf } from "../platform/network.ts";
import { textMember } from "./body.ts";
import { namedClient } from "./client-credentials.ts";
import type { CallAtGate } from "./gates/gate.ts";

/** What a call is counted by under its endpoint's policies; less before its session or body is read. */
export function limitKeys(call: CallAtGate): LimitKey[] {
  return call.spec.limits.flatMap((policy) => {
    const value = valueOf[policies[policy].by](call);
    return value === undefined ? [] : [{ policy, value }];
  });
}

/** The keys that are known from where a call comes from. */
export function networkKeys(call: CallAtGate): LimitKey[] {
  return limitKeys(call).filter(({ policy }) => policies[policy].by === "network");
}

const valueOf: Readonly<Record<KeyKind, (call: CallAtGate) => string | undefined>> = {
  network: ({ context }) => networkOf(context.source.address),
  identifier({ body }) {
    const email = textMember(body, "email");
    return email !== undefined && isEmail(email) ? normaliseEmail(email) : undefined;
  },
  account: ({ principal }) => principal?.account.id,
  client: ({ context, request, body }) => {
    const name = namedClient(request.headers.get("authorization"), body) ?? "";
    // Anyone can name any client: all names from one network share some buckets, so that guessed ones fill no database.
    return `${networkOf(context.source.address)} ${hash("sha256", name, "buffer").readUInt8() % clientsOfNetwork}`;
  },
};

const clientsOfNetwork = 64;
