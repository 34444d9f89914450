import * as z from "zod";
import { ownerProofBody, toGrant } from "../../shared/api/provider-grant.ts";
import {
  cancelDeletion as cancel,
  cancelDeletionCodes,
  type OwnerProof,
} from "../../shared/flows/account/cancel-deletion.ts";
import { providerNamed, providerNamedCodes } from "../../shared/flows/social/authorization.ts";
import { redeem, redeemCodes } from "../../shared/flows/social/redeem.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const cancelDeletion = endpoint({
  name: "account-cancel-deletion",
  method: "POST",
  route: "auth/me/deletion/cancel",
  summary: "Keep a deleted account that is not erased yet",
  description:
    "Takes address and password, or what a provider gave. Starts no session. An account that is not to be erased gets the answer to a wrong password.",
  access: "public",
  limits: ["credentials"],
  recorded: ["account.deletion_cancelled"],
  refused: "account.deletion_cancel_failed",
  body: ownerProofBody,
  reply: z.object({ deletion_cancelled: z.literal(true) }),
  message: "Account kept",
  errors: [...providerNamedCodes, ...redeemCodes, ...cancelDeletionCodes],
  async handle({ body, cookies, context }) {
    const { email, password, captcha_token: captchaToken } = body;
    let proof: OwnerProof;
    if (email === undefined || password === undefined) {
      const provider = providerNamed(context, body.provider);
      proof = { provider, profile: await redeem(context, { provider, grant: toGrant(body) }) };
    } else {
      const device = presentedDevice(context.services.config, { cookies });
      proof = { email, password, device, captchaToken };
    }
    await cancel(context, proof);
    return { data: { deletion_cancelled: true as const } };
  },
});
