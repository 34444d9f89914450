import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { catalogue } from "../../shared/http/catalogue.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";
import { redirect } from "../../shared/http/formats/redirect.ts";

export const root = endpoint({
  name: "root",
  method: "GET",
  route: "/",
  summary: "Service root path",
  description: "Name, version and links.",
  access: "public",
  reply: z.object({
    name: z.string(),
    version: z.string(),
    links: z.record(z.string(), z.string()),
  }),
  async handle({ context: { services } }) {
    const links = catalogue().filter(({ name, method, access, route, format, offered }) => {
      // Tokens name their lists; the one of before there were shards is there for as long as it is needed.
      if (offered?.(services.config) === false || name === "well-known-token-status") return false;
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
