import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { bare } from "../../shared/http/formats/bare.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";

export const relatedOrigins = endpoint({
  name: "well-known-webauthn",
  method: "GET",
  route: ".well-known/webauthn",
  summary: "Origins outside `RP_ID` that may use its passkeys (WebAuthn's related origins)",
  description: "Browsers read it at `https://RP_ID/.well-known/webauthn`.",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ passkeys }) => passkeys.relatedOrigins.length > 0,
  ...readsWhatIsPublic,
  format: bare({ publicForSeconds: 300 }),
  reply: z.object({ origins: z.array(z.string()) }),
  async handle({ context: { services } }) {
    return { data: { origins: services.config.passkeys.relatedOrigins } };
  },
});
