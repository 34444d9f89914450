import { importJWK, jwtVerify, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { addSeconds } from "../../shared/platform/clock.ts";
import { loadProcessConfig } from "../../shared/config.ts";
import { createServices } from "../../shared/services.ts";
import { keys } from "../../tools/keys.ts";
import { useCommandSettings } from "../support/command-settings.ts";
import { testSettings } from "../support/settings.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

useCommandSettings({ ALGORITHM: "ES256" });

/** The key that the service signs with. */
async function signingKid(): Promise<string> {
  const services = createServices(loadProcessConfig());
  const { kid } = await services.tokens.keys.current(now);
  await services.close();
  return kid ?? "";
}

const states = async (at = now) => (await keys(["list"], at)).lines.map((line) => line.split(" ")[0]);

describe("npm run keys", () => {
  test("list says how each key stands; before the first sign-in there is none", async () => {
    expect(await keys(["list"], now)).toEqual({ lines: ["no keys yet: the first sign-in creates one"], isGood: true });
    const kid = await signingKid();
    expect((await keys(["list"], now)).lines).toEqual([
      `current  ES256  ${kid}  created 2026-01-15T12:00:00Z, signs from 2026-01-15T12:00:00Z`,
    ]);
  });

  test("rotate publishes the next key and says when it signs; a second time it leaves it", async () => {
    await signingKid();
    const { lines, isGood } = await keys(["rotate"], now);
    expect([isGood, lines[0]]).toEqual([
      true,
      expect.stringMatching(/^published {2}\S+ {2}signs from 2026-01-15T13:06:00Z/),
    ]);
    expect((await keys(["rotate"], addSeconds(now, 60))).lines[0]).toMatch(
      /^already published .* from 2026-01-15T13:06:00Z/,
    );
    expect(await states()).toEqual(["current", "next"]);
  });

  test("rotate --now promotes at once and says which caches may still refuse it", async () => {
    await signingKid();
    const { lines } = await keys(["rotate", "--now"], addSeconds(now, 1));
    expect(lines.join("\n")).toMatch(/^current {2}\S+[\s\S]*API Management for up to 5 minutes/);
    expect(await states(addSeconds(now, 1))).toEqual(["retired", "current"]);
  });

  test("revoke without --yes says what would break, changes nothing and is not good", async () => {
    const kid = await signingKid();
    const { lines, isGood } = await keys(["revoke", kid], now);
    expect([isGood, lines.join(" ")]).toEqual([
      false,
      expect.stringMatching(/invalidates every access token.*add --yes$/),
    ]);
    expect(await states()).toEqual(["current"]);
  });

  test("revoke --yes withdraws the key and makes another current; again, or unknown, it says so", async () => {
    const kid = await signingKid();
    const later = addSeconds(now, 5);
    const { lines, isGood } = await keys(["revoke", kid, "--yes"], later);
    expect([isGood, lines]).toEqual([
      true,
      [`revoked  ${kid}`, expect.stringMatching(/^current {2}/), expect.stringContaining("within 30 seconds")],
    ]);
    expect(await states(later)).toEqual(["revoked", "current"]);
    expect(await keys(["revoke", kid, "--yes"], later)).toMatchObject({ isGood: false });
    expect((await keys(["revoke", "nonsense", "--yes"], later)).lines[0]).toBe(
      "There is no key nonsense; see npm run keys -- list",
    );
  });

  test.each([
    [[]],
    [["sideways"]],
    [["list", "--now"]],
    [["rotate", "x"]],
    [["revoke"]],
    [["revoke", "a", "b"]],
    [["shared", "x"]],
  ])("%j is answered with how to use it", async (words) => {
    await expect(keys(words, now)).rejects.toThrow(
      "usage: npm run keys -- list | rotate [--now] | revoke KID [--yes] | shared",
    );
  });

  test("with HS256 there are none", async () => {
    process.env["ALGORITHM"] = "HS256";
    expect(await keys(["list"], now)).toMatchObject({ isGood: false });
  });

  test("15.9 shared prints what an API needs to verify HS256, which is not SECRET_KEY; for others there is none", async () => {
    const refused = await keys(["shared"], now);
    expect([refused.isGood, refused.lines[0]]).toEqual([false, expect.stringContaining("ES256 has no shared key")]);
    process.env["ALGORITHM"] = "HS256";
    const { lines, isGood } = await keys(["shared"], now);
    const jwk = JSON.parse(lines.join("\n")) as JWK;
    expect([isGood, Buffer.from(jwk.k ?? "", "base64url").length]).toEqual([true, 32]);
    expect(lines.join()).not.toContain(testSettings.SECRET_KEY);

    const services = createServices(loadProcessConfig());
    const grant = { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: addSeconds(now, 3600) };
    const { token } = await services.tokens.access.issue(grant, now);
    await services.close();
    const { issuer, audience } = { issuer: testSettings.ISSUER, audience: testSettings.ISSUER };
    const options = { issuer, audience, typ: "at+jwt", algorithms: ["HS256"], currentDate: now };
    const { payload } = await jwtVerify(token, await importJWK(jwk), options);
    expect(payload.sub).toBe("a");
    const secret = new TextEncoder().encode(testSettings.SECRET_KEY);
    await expect(jwtVerify(token, secret, options)).rejects.toThrow("signature verification failed");
  });
});
