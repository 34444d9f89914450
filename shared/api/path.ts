import * as z from "zod";
import type { PathParameter } from "../http/path-parameters.ts";
import { isGuid } from "../platform/settings/types.ts";

/** The name of a social provider. */
export const providerName = {
  schema: z
    .string()
    .regex(/^[a-z][a-z\d_]{0,49}$/)
    .describe("A `name` from `GET /auth/oauth/providers`")
    .meta({ examples: ["google"] }),
  otherwise: "PROVIDER_NOT_CONFIGURED",
} satisfies PathParameter;

/** The id of a session: lower case, as the service writes it. */
export const sessionId = {
  schema: z
    .string()
    .refine(isGuid)
    .toLowerCase()
    .describe("An `id` from `GET /auth/sessions`")
    .meta({ examples: ["3f0c7c6e-5b1c-8e4a-9d2f-0199f0a1b2c3"] }),
  otherwise: "NOT_FOUND",
} satisfies PathParameter;

/** The number of a status list, spelled as in tokens: no sign, no leading zero, so that each list has one address. */
export const shardNumber = {
  schema: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,4})$/)
    .describe("The last path segment of a token's `status.status_list.uri`")
    .meta({ examples: ["0"] })
    .transform(Number),
  otherwise: "NOT_FOUND",
} satisfies PathParameter;
