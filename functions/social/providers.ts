import * as z from "zod";
import { describeProviders } from "../../shared/flows/social/describe-providers.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";

export const providers = endpoint({
  name: "social-providers",
  method: "GET",
  route: "auth/oauth/providers",
  summary: "List the configured identity providers",
  access: "public",
  worksWithoutDatabase: true,
  ...readsWhatIsPublic,
  reply: z.object({
    providers: z.array(
      z.object({
        name: z.string().describe("The name used in paths"),
        display_name: z.string(),
        authorize_url: z.string().describe("Where a web app sends the browser to sign in"),
        authorization_endpoint: z
          .string()
          .nullable()
          .describe("The provider's own endpoint, for native apps; null while the provider cannot be reached"),
        client_id: z.string(),
        scopes: z.array(z.string()),
        pkce: z.boolean(),
      }),
    ),
  }),
  async handle({ context }) {
    const described = await describeProviders(context);
    const list = described.map(({ provider, authorizeUrl, authorizationEndpoint }) => ({
      name: provider.name,
      display_name: provider.displayName,
      authorize_url: authorizeUrl,
      authorization_endpoint: authorizationEndpoint,
      client_id: provider.clientId,
      scopes: [...provider.scopes],
      pkce: provider.pkce,
    }));
    return { data: { providers: list } };
  },
});
