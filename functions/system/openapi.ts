import * as z from "zod";
import type published from "../../docs/openapi.json";
import packageJson from "../../package.json" with { type: "json" };
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bare } from "../../shared/http/formats/bare.ts";

export const openapi = endpoint({
  name: "openapi",
  method: "GET",
  route: "openapi.json",
  summary: "OpenAPI document of this service",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ http }) => http.apiDocs,
  ...readsWhatIsPublic,
  format: bare({ publicForSeconds: 0 }),
  reply: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
  async handle({ context: { services } }) {
    return { data: await documentAt(services.config.service.issuer) };
  },
});

type Document = typeof published;

/** The document of this release with the service's address. Made once, because `bare` caches its text by the object. */
let offered: Document | undefined;

async function documentAt(url: string): Promise<Document> {
  if (offered?.servers[0]?.url === url) return offered;
  // The largest text of the app by far, and only this endpoint needs it.
  const { default: document } = await import("../../docs/openapi.json", { with: { type: "json" } });
  return (offered = { ...document, info: { ...document.info, version: packageJson.version }, servers: [{ url }] });
}
