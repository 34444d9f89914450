import type { JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import { sign, type Make } from "../support/forged-id-tokens.ts";
import { native, startIdTokenService } from "../support/id-token-service.ts";
import { clientId } from "../support/providers/issuer.ts";

const { acme, other, thief, now, forgeries, byApp, byBrowser, people } = await startIdTokenService();

describe("ASVS 9, 10.5: a forged or misused id_token", () => {
  test("the table has at least 35 of them, and what they are made from is accepted", async () => {
    expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(35);
    expect(await byApp((claims) => sign(claims))).toEqual([200, undefined]);
    expect(await byBrowser((claims) => sign(claims))).toBe(true);
  });

  test.each(Object.entries(forgeries))("%s: refused by app and by browser, nobody is made", async (_what, make) => {
    const before = await people();
    expect(await byApp(make)).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
    expect(await byBrowser(make)).toBe("PROVIDER_TOKEN_INVALID");
    expect(await people()).toBe(before);
  });

  test("an address in a token's own header, nothing is asked of it", () => expect(thief.asked).toEqual([]));
});

describe("an id_token at the edge of what is allowed", () => {
  test.each([
    ["expired within the leeway", { exp: now - 59 }],
    ["issued within the leeway in the future", { iat: now + 60, nbf: now + 60 }],
    ["several audiences, issued to us", { aud: ["another-client", clientId], azp: clientId }],
    ["sub of 255 characters", { sub: "s".repeat(255) }],
    ["14,000 characters", { groups: "g".repeat(10_000) }],
  ])("%s: accepted of an app and of a browser", async (_what, changed) => {
    const make: Make = (claims) => sign({ ...claims, ...changed });
    expect(await byApp(make)).toEqual([200, undefined]);
    expect(await byBrowser(make)).toBe(true);
  });

  test("too long for a body or for a provider's answer, refused before it is looked at", async () => {
    const make: Make = (claims) => sign({ ...claims, groups: "g".repeat(200_000) });
    expect(await byApp(() => "A".repeat(16_385))).toContain("VALIDATION_ERROR");
    expect(await byApp(make)).toContain("PAYLOAD_TOO_LARGE");
    expect(await byBrowser(make)).toBe("PROVIDER_UNAVAILABLE");
  });

  test.each([
    ["a native app's audience", { aud: native }],
    ["several audiences, issued to the native app", { aud: [native, clientId], azp: native }],
  ])("%s: accepted of an app, refused where a code brought it", async (_what, changed) => {
    const make: Make = (claims) => sign({ ...claims, ...changed });
    expect(await byApp(make)).toEqual([200, undefined]);
    expect(await byBrowser(make)).toBe("PROVIDER_TOKEN_INVALID");
  });
});

test("RFC 9700, 4.4 mix-up: an id_token is good at its own provider alone, even where both have one key set", async () => {
  expect(await byApp((claims) => sign({ ...claims, iss: other.url }), "other")).toEqual([200, undefined]);
  for (const make of [(claims: JWTPayload) => sign(claims), () => acme.idToken({ nonce: "n" })])
    expect(await byApp(make, "other")).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
});
