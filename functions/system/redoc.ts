import { apiPage, pathPrefix } from "../../shared/api/html.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { page, pageReply } from "../../shared/http/formats/page.ts";
import { randomToken } from "../../shared/platform/crypto/random.ts";

export const redoc = endpoint({
  name: "redoc",
  method: "GET",
  route: "redoc",
  summary: "API reference (Redoc)",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ http }) => http.apiDocs,
  ...readsWhatIsPublic,
  format: page,
  reply: pageReply,
  async handle({ context: { services } }) {
    const [prefix, nonce] = [pathPrefix(services.config), randomToken()];
    // Its search needs a worker created from a text, which the policy forbids.
    const html = apiPage({
      head: `<style>body { margin: 0 }</style>`,
      body: `<main id="redoc"></main>
<script src="${prefix}/redoc/redoc.standalone.js" nonce="${nonce}"></script>
<script nonce="${nonce}">
Redoc.init("${prefix}/openapi.json", { disableSearch: true }, document.getElementById("redoc"));
</script>`,
    });
    return { data: { html, nonce, connectTo: new URL(services.config.service.issuer).origin, hasInlineStyles: true } };
  },
});
