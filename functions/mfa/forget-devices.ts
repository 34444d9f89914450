import * as z from "zod";
import { factorsReply, readFactors } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { forgetRememberedDevices } from "../../shared/flows/mfa/remembered-devices.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const forgetDevices = endpoint({
  name: "mfa-forget-devices",
  method: "DELETE",
  route: "auth/mfa/remembered-devices",
  summary: "Forget all remembered devices",
  description: "The next sign-in there takes a second factor again. Its session goes on.",
  access: "session",
  confirmation: "session_proof",
  recorded: ["remembered_device.removed"],
  refused: "factor.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: factorsReply,
  message: "Devices forgotten",
  async handle({ principal, context }) {
    await forgetRememberedDevices(context, principal);
    return { data: await readFactors(context, principal.account.id) };
  },
});
