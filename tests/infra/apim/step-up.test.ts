import { describe, expect, test } from "vitest";
import { createGateway } from "../../support/apim/gateway.ts";
import { startExpressions } from "../../support/apim/expressions.ts";
import { descendants, expressionsOf, readPolicy } from "../../support/apim/policy.ts";
import { faultsOf } from "../../support/apim/reference.ts";
import { hasDotnet } from "../../../tools/dotnet.ts";

const inboundOf = (file: string) => readPolicy(file).children.find(({ name }) => name === "inbound")?.children ?? [];
/** What reads the token, without its verification, which other tests try. */
const bearer = readPolicy("latchkey-access-token.xml").children.filter(
  ({ attributes }) => attributes["name"] === "latchkey-bearer",
);
const own = inboundOf("example-step-up.xml").filter(({ name }) => name !== "base" && name !== "include-fragment");
const challenge =
  'Bearer error="insufficient_user_authentication", error_description="A second factor is required", acr_values="aal2", max_age="300"';

test("20.6 the example of a step-up follows Microsoft's reference", () => {
  expect(own.flatMap(descendants).flatMap(faultsOf)).toEqual([]);
  expect(own.length).toBeGreaterThan(1);
});

describe.skipIf(!hasDotnet())(
  "20.6 RFC 9470: an API behind API Management that asks for acr",
  { timeout: 300_000 },
  () => {
    const inbound = [...bearer, ...own];
    const started = () => startExpressions([...new Set(inbound.flatMap(descendants).flatMap(expressionsOf))]);
    const evaluate = hasDotnet() ? started() : undefined;
    const call = async (claims: object) => {
      if (!evaluate) throw new Error("no gateway");
      const gateway = createGateway({
        evaluate,
        inbound,
        onError: [],
        now: () => new Date(),
        fetch: async () => ({ status: 0, body: "" }),
      });
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      return gateway.handle({ Authorization: `Bearer ${part({ typ: "at+jwt" })}.${part(claims)}.x` });
    };
    const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

    test.each([
      ["two factors, lately", { acr: "aal2", auth_time: ago(0), name: "Ada ¿?" }, 200],
      ["a passkey, lately", { acr: "phr", auth_time: ago(100) }, 200],
      ["two factors, long ago", { acr: "aal2", auth_time: ago(400) }, 401],
      ["one factor", { acr: "aal1", auth_time: ago(0) }, 401],
      ["a client, which says neither", { sub: "client" }, 401],
      ["no time", { acr: "aal2" }, 401],
    ])("%s", async (_what, claims, status) => {
      const answer = await call(claims);
      expect(answer.status).toBe(status);
      if (status === 200) return;
      expect(answer.headers["WWW-Authenticate"]).toBe(challenge);
      expect(JSON.parse(answer.body)).toMatchObject({
        error_code: "REAUTHENTICATION_REQUIRED",
        details: { max_age_seconds: 300, acr_values: "aal2" },
      });
    });
  },
);
