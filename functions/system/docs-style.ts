import * as z from "zod";
import { appFile } from "../../shared/http/app-file.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bareText } from "../../shared/http/formats/bare.ts";

const file = appFile("node_modules/swagger-ui-dist/swagger-ui.css");

export const docsStyle = endpoint({
  name: "docs-style",
  method: "GET",
  route: "docs/swagger-ui.css",
  summary: "Style sheet for /docs",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ http }) => http.apiDocs,
  ...readsWhatIsPublic,
  format: bareText({ contentType: "text/css", publicForSeconds: 3600 }),
  reply: z.object({ text: z.string() }),
  async handle() {
    return { data: await file() };
  },
});
