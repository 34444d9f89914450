import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { packageFile } from "../../shared/http/package-file.ts";

const file = packageFile("swagger-ui-dist/swagger-ui-bundle.js");

export const docsScript = endpoint({
  name: "docs-script",
  method: "GET",
  route: "docs/swagger-ui-bundle.js",
  summary: "The script of /docs",
  access: "public",
  form: "bare",
  publicForSeconds: 3600,
  contentType: "text/javascript",
  reply: z.object({ text: z.string() }),
  errors: ["NOT_FOUND"],
  async handle({ services, fail }) {
    if (!services.config.apiDocs) throw fail("NOT_FOUND");
    return { data: await file() };
  },
});
