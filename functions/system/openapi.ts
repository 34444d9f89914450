import * as z from "zod";
import document from "../../docs/openapi.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import { endpoint } from "../../shared/http/endpoint.ts";
import { bare } from "../../shared/http/formats/bare.ts";

type Document = typeof document;

/** The document of this release, with the address of one service. Made once, since its text is kept by the object. */
let offered: Document | undefined;

function documentAt(url: string): Document {
  if (offered?.servers[0]?.url !== url)
    offered = { ...document, info: { ...document.info, version: packageJson.version }, servers: [{ url }] };
  return offered;
}

export const openapi = endpoint({
  name: "openapi",
  method: "GET",
  route: "openapi.json",
  summary: "OpenAPI document of this service",
  access: "public",
  offered: ({ http }) => http.apiDocs,
  format: bare({ publicForSeconds: 0 }),
  reply: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
  async handle({ context: { services } }) {
    return { data: documentAt(services.config.service.issuer) };
  },
});
