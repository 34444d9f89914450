import { endpoint } from "../../shared/http/endpoint.ts";
import { serverMetadata } from "../../shared/http/schemas.ts";

export const openidConfiguration = endpoint({
  name: "well-known-openid-configuration",
  method: "GET",
  route: ".well-known/openid-configuration",
  summary: "Metadata for API gateways (OpenID Connect Discovery)",
  access: "public",
  form: "bare",
  publicForSeconds: 300,
  reply: serverMetadata,
  async handle({ context: { services } }) {
    return { data: services.serverMetadata };
  },
});
