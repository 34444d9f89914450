import { describe, expect, test } from "vitest";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService();

describe("GET /.well-known/jwks.json", () => {
  test("RFC 7517: public members only, use, alg and kid, cacheable for 5 minutes, readable from any origin", async () => {
    // Nobody has signed in yet: caches must not keep an empty set.
    const answer = await api.get("/.well-known/jwks.json", { headers: { Origin: "https://anyone.example" } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      keys: [
        {
          kty: "RSA",
          kid: (await services.tokens.keys.current(clock.now())).kid,
          use: "sig",
          alg: "RS256",
          n: expect.any(String),
          e: "AQAB",
        },
      ],
    });
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
  });
});
