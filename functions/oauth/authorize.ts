import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";

/** It exists because discovery documents must name one; it never redirects, because no redirect URI is registered. */
export const authorize = endpoint({
  name: "oauth-authorize",
  method: "GET",
  route: "oauth/authorize",
  summary: "Authorization endpoint (no response type is supported yet)",
  description: "People sign in at `/auth/login`.",
  access: "public",
  worksWithoutDatabase: true,
  recorded: { nothing: "It never succeeds" },
  refused: { nothing: "Nobody can sign in here" },
  format: oauth,
  reply: z.never(),
  errors: ["UNSUPPORTED_RESPONSE_TYPE"],
  async handle({ fail }) {
    throw fail("UNSUPPORTED_RESPONSE_TYPE");
  },
});
