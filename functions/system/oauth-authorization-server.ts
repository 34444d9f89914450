import { serverMetadata } from "../../shared/api/server-metadata.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bare } from "../../shared/http/formats/bare.ts";

export const oauthAuthorizationServer = endpoint({
  name: "well-known-oauth-authorization-server",
  method: "GET",
  route: ".well-known/oauth-authorization-server",
  summary: "Metadata for OAuth clients and APIs (RFC 8414)",
  access: "public",
  ...readsWhatIsPublic,
  format: bare({ publicForSeconds: 300 }),
  reply: serverMetadata,
  async handle({ context: { services } }) {
    return { data: services.tokens.metadata };
  },
});
