import * as z from "zod";
import { rememberedDeviceId } from "../../shared/api/remembered-device.ts";
import { factorsReply, readFactors } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { forgetRememberedDevice } from "../../shared/flows/mfa/remembered-devices.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const forgetDevice = endpoint({
  name: "mfa-forget-device",
  method: "DELETE",
  route: "auth/mfa/remembered-devices/{id}",
  path: { id: rememberedDeviceId },
  summary: "Forget a remembered device",
  description: "The next sign-in there takes a second factor again. Its session goes on.",
  access: "session",
  confirmation: "session_proof",
  recorded: ["remembered_device.removed"],
  refused: "factor.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: factorsReply,
  message: "Device forgotten",
  errors: ["NOT_FOUND"],
  async handle({ path, principal, context, fail }) {
    if (!(await forgetRememberedDevice(context, principal, path.id))) throw fail("NOT_FOUND");
    return { data: await readFactors(context, principal.account.id) };
  },
});
