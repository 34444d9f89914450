import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { deriveKey } from "../../../shared/platform/crypto/derive.ts";
import { sharedKeyOf } from "../../../shared/tokens/keys/signing-keys.ts";
import { createForge } from "../../support/forge.ts";
import { forgeries } from "../../support/forgeries.ts";
import { createTestServices, type TestService } from "../../support/service.ts";
import { testSecretKey } from "../../support/settings.ts";

const made = await createTestServices();
const { services, clock } = made;
const now = clock.now();
const forge = await createForge(made);
const { genuine, issuedAt, own, byThief, hmac, swap } = forge;
const forged = await forgeries(forge, made);

describe("RFC 8725, ASVS 9: a forged or misused token", () => {
  test("the table has at least 30 of them", () => {
    expect(Object.keys(forged).length).toBeGreaterThanOrEqual(30);
  });

  test("the genuine token, which they are made from, verifies", async () => {
    expect(await services.tokens.access.verify(genuine, now)).toEqual({ accountId: "a", sessionId: "s" });
    expect(await services.tokens.access.verify(await own({}), now)).toEqual({ accountId: "a", sessionId: "s" });
  });

  test.each(Object.entries(forged))("%s: refused", async (_what, token) => {
    await expect(services.tokens.access.verify(await token, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("expired: refused as that, but only when its signature holds", async () => {
    const times = { iat: issuedAt - 3600, exp: issuedAt - 60 };
    await expect(services.tokens.access.verify(await own(times), now)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    await expect(services.tokens.access.verify(await byThief({}, times), now)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("a token that was verified before is refused once it has expired, and nothing near it is accepted", async () => {
    const token = await own({ jti: "verified before" });
    for (let round = 0; round < 3; round += 1) await services.tokens.access.verify(token, now);
    const later = addSeconds(now, 1860);
    await expect(services.tokens.access.verify(token, later)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    const near = `${token.slice(0, -8)}${swap(token.slice(-8))}`;
    await expect(services.tokens.access.verify(near, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("the leeway is 60 seconds on either side", async () => {
    await expect(services.tokens.access.verify(await own({ exp: issuedAt - 59 }), now)).resolves.toBeTruthy();
    await expect(services.tokens.access.verify(await own({ iat: issuedAt + 60 }), now)).resolves.toBeTruthy();
  });
});

const symmetric: Pick<TestService, "services"> = await createTestServices({ ALGORITHM: "HS256" });

describe("with ALGORITHM=HS256", () => {
  test("an RS256 token of our own former key is refused, and so is one that names a key", async () => {
    const { access: accessTokens } = symmetric.services.tokens;
    await expect(accessTokens.verify(genuine, now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(accessTokens.verify(hmac({}, testSecretKey), now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const shared = sharedKeyOf(testSecretKey);
    await expect(accessTokens.verify(hmac({}, shared), now)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await accessTokens.verify(hmac({ kid: undefined }, shared), now)).toEqual({
      accountId: "a",
      sessionId: "s",
    });
  });

  test("15.9 SECRET_KEY itself signs nothing, and nor does any other key that is derived from it", async () => {
    const { access: accessTokens } = symmetric.services.tokens;
    const others = ["signing key seal v1", "access token HS256", ""].map((purpose) =>
      deriveKey(testSecretKey, purpose),
    );
    for (const key of [testSecretKey, ...others])
      await expect(accessTokens.verify(hmac({ kid: undefined }, key), now)).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      });
  });
});
