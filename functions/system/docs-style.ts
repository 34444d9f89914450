import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { packageFile } from "../../shared/http/package-file.ts";

const file = packageFile("swagger-ui-dist/swagger-ui.css");

export const docsStyle = endpoint({
  name: "docs-style",
  method: "GET",
  route: "docs/swagger-ui.css",
  summary: "The style of /docs",
  access: "public",
  form: "bare",
  publicForSeconds: 3600,
  contentType: "text/css",
  reply: z.object({ text: z.string() }),
  errors: ["NOT_FOUND"],
  async handle({ services, fail }) {
    if (!services.config.apiDocs) throw fail("NOT_FOUND");
    return { data: await file() };
  },
});
