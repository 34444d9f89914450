import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { frontPage, type Link } from "../../shared/api/front-page.ts";
import { catalogue } from "../../shared/http/catalogue.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";
import { envelopeOrPage, page, type Page } from "../../shared/http/formats/page.ts";
import { redirect } from "../../shared/http/formats/redirect.ts";

const reply = z.object({
  name: z.string(),
  version: z.string(),
  links: z.record(z.string(), z.string()),
});

export const root = endpoint({
  name: "root",
  method: "GET",
  route: "/",
  summary: "Service root path",
  description: "Name, version and links.",
  access: "public",
  worksWithoutDatabase: true,
  ...readsWhatIsPublic,
  format: envelopeOrPage(toPage),
  reply,
  async handle({ context: { services } }) {
    const links = catalogue().filter(({ name, method, access, route, format, offered }) => {
      // Tokens name their lists; the single list from before sharding stays only as long as it is needed.
      if (offered?.(services.config) === false || name === "well-known-token-status") return false;
      // What a mail's link opens is of no use without the link.
      if (format.showsErrors) return false;
      const isPage = format !== oauth && format !== redirect && !route.includes("{") && route !== "/";
      return method === "GET" && access === "public" && isPage;
    });
    return {
      data: {
        name: "Latchkey",
        version: packageJson.version,
        links: Object.fromEntries(links.map(({ name, route }) => [name, `${services.config.service.issuer}/${route}`])),
      },
    };
  },
});

/** The same as a page for people, without scripts and style sheets. */
function toPage({ name, version, links }: z.output<typeof reply>): Page {
  const [pages, documents, others]: [Link[], Link[], Link[]] = [[], [], []];
  for (const { name: endpointName, summary, route, format } of catalogue()) {
    const href = links[endpointName];
    if (href === undefined || !("text/html" in format.contents || "application/json" in format.contents)) continue;
    const group = format === page ? pages : route.startsWith(".well-known/") ? documents : others;
    group.push({ text: summary, href, path: `/${route}` });
  }
  const groups = [
    { title: "Pages", links: pages },
    { title: "API", links: others },
    { title: "Discovery documents", links: documents },
  ];
  return frontPage({ name, version, groups });
}
