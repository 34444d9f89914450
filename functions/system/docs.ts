import { endpoint } from "../../shared/http/endpoint.ts";
import { apiPage, page, pathPrefix } from "../../shared/http/page.ts";
import { randomToken } from "../../shared/platform/random.ts";

export const docs = endpoint({
  name: "docs",
  method: "GET",
  route: "docs",
  summary: "The API, to be read and tried out (Swagger UI)",
  access: "public",
  offered: ({ apiDocs }) => apiDocs,
  form: "page",
  reply: page,
  async handle({ services: { config } }) {
    const [prefix, nonce] = [pathPrefix(config), randomToken()];
    const html = apiPage({
      head: `<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css" nonce="${nonce}">`,
      body: `<main id="swagger-ui"></main>
<script src="${prefix}/docs/swagger-ui-bundle.js" nonce="${nonce}"></script>
<script nonce="${nonce}">
SwaggerUIBundle({
  url: "${prefix}/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
</script>`,
    });
    return { data: { html, nonce, connectTo: new URL(config.issuer).origin } };
  },
});
