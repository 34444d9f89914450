import * as z from "zod";
import type { PathParameter } from "../http/path-parameters.ts";

/** The name of a social provider. */
export const providerName = {
  schema: z
    .string()
    .regex(/^[a-z][a-z\d_]{0,49}$/)
    .describe("A `name` from `GET /auth/oauth/providers`")
    .meta({ examples: ["google"] }),
  otherwise: "PROVIDER_NOT_CONFIGURED",
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
