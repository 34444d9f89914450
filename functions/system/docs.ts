import { apiPage, pathPrefix } from "../../shared/api/html.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { page, pageReply } from "../../shared/http/formats/page.ts";
import { randomToken } from "../../shared/platform/crypto/random.ts";

/** The package's own colours have too little contrast for WCAG 2.2 (1.4.3). */
const darker = `
.swagger-ui .opblock .opblock-summary-method { color: #000; text-shadow: none }
.swagger-ui .info .title small { background: #4f5561 }
.swagger-ui .info .title small.version-stamp { background: #3d6600 }
.swagger-ui .info .url, .swagger-ui .info a, .swagger-ui a.link { color: #1f5fbf }
.swagger-ui .btn.authorize, .swagger-ui .btn.authorize span { color: #1b6b3a }
.swagger-ui .btn.authorize { border-color: #1b6b3a }
.swagger-ui .btn.authorize svg { fill: #1b6b3a }
`;

export const docs = endpoint({
  name: "docs",
  method: "GET",
  route: "docs",
  summary: "Interactive API documentation (Swagger UI)",
  access: "public",
  worksWithoutDatabase: true,
  offered: ({ http }) => http.apiDocs,
  ...readsWhatIsPublic,
  format: page,
  reply: pageReply,
  async handle({ context: { services } }) {
    const [prefix, nonce] = [pathPrefix(services.config), randomToken()];
    const html = apiPage({
      head: `<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css" nonce="${nonce}">
<style nonce="${nonce}">${darker}</style>`,
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
  onComplete() {
    document.querySelector("#servers")?.setAttribute("aria-label", "Server");
  },
});
</script>`,
    });
    return { data: { html, nonce, connectTo: new URL(services.config.service.issuer).origin } };
  },
});
