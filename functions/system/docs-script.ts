import * as z from "zod";
import { appFile } from "../../shared/http/app-file.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bareText } from "../../shared/http/formats/bare.ts";

const file = appFile("node_modules/swagger-ui-dist/swagger-ui-bundle.js");

export const docsScript = endpoint({
  name: "docs-script",
  method: "GET",
  route: "docs/swagger-ui-bundle.js",
  summary: "Script for /docs",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ http }) => http.apiDocs,
  ...readsWhatIsPublic,
  format: bareText({ contentType: "text/javascript", publicForSeconds: 3600 }),
  reply: z.object({ text: z.string() }),
  async handle() {
    return { data: await file() };
  },
});
