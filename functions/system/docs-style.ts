import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { appFile } from "../../shared/http/app-file.ts";

const file = appFile("node_modules/swagger-ui-dist/swagger-ui.css");

export const docsStyle = endpoint({
  name: "docs-style",
  method: "GET",
  route: "docs/swagger-ui.css",
  summary: "Style sheet for /docs",
  access: "public",
  offered: ({ http }) => http.apiDocs,
  form: "bare",
  publicForSeconds: 3600,
  contentType: "text/css",
  reply: z.object({ text: z.string() }),
  async handle() {
    return { data: await file() };
  },
});
