import * as z from "zod";
import { levels, type Demand, type Level } from "../sessions/authentication.ts";
import { password } from "./account.ts";
import { shownCredential } from "./passkey.ts";
import { checkGrant, grantMembers, present } from "./provider-grant.ts";
import { checkFactor } from "./second-factor.ts";
import { sessionProof } from "./session.ts";

/** The ways to prove who one is; a call takes one of them. */
const ways = ["password", "method", "provider"] as const;

/** What an API has asked for: the members of RFC 9470 in its `WWW-Authenticate`. */
const demandMembers = {
  max_age: z
    .int()
    .min(0, "must be 0 or more")
    .optional()
    .describe("How old the authentication may be, in seconds: from an API's challenge"),
  acr_values: z
    .string()
    .refine((text) => namedLevels(text).length > 0, `must name one of ${levels.join(", ")}`)
    .optional()
    .describe("The levels of which one must be reached, separated by spaces: from an API's challenge")
    .meta({ examples: ["aal2"] }),
};

/** What a person sends to reauthenticate: the password, a second factor, or a provider's code or token. */
export const proofBody = z
  .strictObject({
    password: password.optional(),
    method: z
      .enum(["totp", "recovery", "passkey"], { error: 'must be "totp", "recovery" or "passkey"' })
      .optional()
      .describe(
        "A second factor: the `code` of an authenticator app, a recovery code, or the `credential` of a passkey",
      ),
    credential: shownCredential.optional(),
    provider: z.string().optional().describe("The provider of the code or token"),
    ...grantMembers,
    code: z.string().optional().describe("With `method` as typed; with `provider` an authorization code"),
    ...demandMembers,
    ...sessionProof,
  })
  .superRefine((body, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    const [way, another] = ways.filter((name) => body[name] !== undefined);
    if (way === undefined) return refuse("password", "is required, unless method or provider is given");
    if (another !== undefined) return refuse(another, `cannot be combined with ${way}`);
    if (way === "provider") {
      if (body.credential !== undefined) refuse("credential", "cannot be combined with provider");
      if (body.code !== undefined && !present.safeParse(body.code).success)
        return refuse("code", "must have printable ASCII characters and no spaces");
      return checkGrant(body, context);
    }
    if (body.method !== undefined) checkFactor({ ...body, method: body.method }, context);
    else if (body.credential !== undefined) refuse("credential", `cannot be combined with ${way}`);
    for (const name of Object.keys(grantMembers))
      if (Object.hasOwn(body, name) && (name !== "code" || way === "password"))
        refuse(name, `cannot be combined with ${way}`);
  });

/** What a checked body demands. */
export function toDemand({ max_age: maxAgeSeconds, acr_values: text }: z.output<typeof proofBody>): Demand {
  return { maxAgeSeconds, levels: text === undefined ? undefined : namedLevels(text) };
}

/** The levels in a list; those of others mean nothing here. */
function namedLevels(text: string): Level[] {
  const named = new Set(text.split(" "));
  return levels.filter((level) => named.has(level));
}
