import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bare } from "../../shared/http/formats/bare.ts";

/** Only the public members of a key (RFC 7517, section 4; RFC 7518, section 6): the reply filter drops any other. */
const jwk = z.object({
  kty: z.string(),
  kid: z.string(),
  use: z.literal("sig"),
  alg: z.string(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});

export const jwks = endpoint({
  name: "well-known-jwks",
  method: "GET",
  route: ".well-known/jwks.json",
  summary: "Public keys for verifying access tokens (JWKS)",
  access: "public",
  ...readsWhatIsPublic,
  format: bare({ publicForSeconds: 300 }),
  reply: z.object({ keys: z.array(jwk).readonly() }),
  async handle({ context: { services, now } }) {
    return { data: await services.tokens.keys.jwks(now) };
  },
});
