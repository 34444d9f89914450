import { serverMetadata } from "../../shared/api/server-metadata.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bare } from "../../shared/http/formats/bare.ts";

export const openidConfiguration = endpoint({
  name: "well-known-openid-configuration",
  method: "GET",
  route: ".well-known/openid-configuration",
  summary: "Metadata for API gateways (OpenID Connect Discovery)",
  access: "public",
  ...readsWhatIsPublic,
  format: bare({ publicForSeconds: 300 }),
  reply: serverMetadata,
  async handle({ context: { services } }) {
    return { data: services.tokens.metadata };
  },
});
