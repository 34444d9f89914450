import * as z from "zod";
import { appFile } from "../../shared/http/app-file.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bareText } from "../../shared/http/formats/bare.ts";

/** The bundle always fetches a logo from its vendor's server: an empty picture replaces it. */
const file = appFile("node_modules/redoc/bundles/redoc.standalone.js", (text) =>
  text.replaceAll(
    "https://cdn.redoc.ly/redoc/logo-mini.svg",
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
  ),
);

export const redocScript = endpoint({
  name: "redoc-script",
  method: "GET",
  route: "redoc/redoc.standalone.js",
  summary: "Script for /redoc",
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
