import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { describe, expect, test } from "vitest";
import { newClient } from "../support/clients.ts";
import { meStatus, newDevice } from "../support/people.ts";
import { startService } from "../support/service.ts";

// Others' libraries read the machine's own clock, and look for the service where its issuer says.
const service = await startService();
const { api, url, clock, services } = service;
clock.advance((Date.now() - clock.now().getTime()) / 1000);
const issuer = "http://localhost:7071";
const there = (address: string | URL, options?: object) => fetch(String(address).replace(issuer, url), options);

const client = await newClient(service, "introspect stock.read");

describe("oauth4webapi", () => {
  const insecure = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: there } as const;
  const discover = async (algorithm: "oidc" | "oauth2") => {
    const response = await oauth.discoveryRequest(new URL(issuer), { ...insecure, algorithm });
    return oauth.processDiscoveryResponse(new URL(issuer), response);
  };
  const ask = (token: string) => new Request("https://api.example/", { headers: { Authorization: `Bearer ${token}` } });

  test.each(["oidc", "oauth2"] as const)(
    "RFC 9068: validates access tokens through discovery alone (%s)",
    async (kind) => {
      const server = await discover(kind);
      const { accessToken } = await newDevice(api);
      expect(await oauth.validateJwtAccessToken(server, ask(accessToken), issuer, insecure)).toMatchObject({
        client_id: "web",
        sid: expect.any(String),
      });
      const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
      await expect(oauth.validateJwtAccessToken(server, ask(forged), issuer, insecure)).rejects.toThrow();
      await expect(
        oauth.validateJwtAccessToken(server, ask(accessToken), "https://other.example", insecure),
      ).rejects.toThrow();
      const list = (await api.get("/.well-known/token-status/0")).json as string;
      await expect(oauth.validateJwtAccessToken(server, ask(list), issuer, insecure)).rejects.toThrow();
    },
  );

  test("gets a client's token, introspects and revokes it, and reads the errors", async () => {
    const server = await discover("oauth2");
    const self: oauth.Client = { client_id: client.id };
    const secret = oauth.ClientSecretBasic(client.secret);
    const granted = await oauth.processClientCredentialsResponse(
      server,
      self,
      await oauth.clientCredentialsGrantRequest(server, self, secret, { scope: "stock.read" }, insecure),
    );
    expect(granted).toMatchObject({ token_type: "bearer", expires_in: 1800, scope: "stock.read" });
    expect(await oauth.validateJwtAccessToken(server, ask(granted.access_token), issuer, insecure)).toMatchObject({
      sub: client.id,
    });
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        server,
        self,
        await oauth.introspectionRequest(server, self, secret, granted.access_token, insecure),
      );
    expect(await introspect()).toMatchObject({ active: true, scope: "stock.read" });
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, self, secret, granted.access_token, insecure),
    );
    expect(await introspect()).toEqual({ active: false });
    const wrong = await oauth.clientCredentialsGrantRequest(
      server,
      self,
      oauth.ClientSecretPost("wrong"),
      {},
      insecure,
    );
    await expect(oauth.processClientCredentialsResponse(server, self, wrong)).rejects.toMatchObject({ status: 401 });
  });
});

describe("openid-client", () => {
  const options = { execute: [openid.allowInsecureRequests], [openid.customFetch]: there };
  const discover = (id: string, authentication: openid.ClientAuth, algorithm: "oidc" | "oauth2" = "oidc") =>
    openid.discovery(new URL(issuer), id, undefined, authentication, { ...options, algorithm });

  test.each(["oidc", "oauth2"] as const)("discovers (%s), and uses a client with its secret", async (algorithm) => {
    const config = await discover(client.id, openid.ClientSecretBasic(client.secret), algorithm);
    expect(config.serverMetadata().issuer).toBe(issuer);
    const granted = await openid.clientCredentialsGrant(config, { scope: "stock.read" });
    expect((await openid.tokenIntrospection(config, granted.access_token)).active).toBe(true);
    await openid.tokenRevocation(config, granted.access_token);
    expect((await openid.tokenIntrospection(config, granted.access_token)).active).toBe(false);
    await expect(openid.clientCredentialsGrant(config, { scope: "more" })).rejects.toMatchObject({
      error: "invalid_scope",
    });
  });

  test("refreshes and revokes for the public first-party client", async () => {
    const config = await discover("web", openid.None());
    const device = await newDevice(api);
    const granted = await openid.refreshTokenGrant(config, device.refreshToken);
    expect(await meStatus(api, { ...device, accessToken: granted.access_token })).toBe(200);
    await openid.tokenRevocation(config, granted.refresh_token ?? "");
    expect(await meStatus(api, { ...device, accessToken: granted.access_token })).toBe(401);
    await expect(openid.refreshTokenGrant(config, granted.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });
});

test("jose's createRemoteJWKSet follows a rotation: the old key's tokens and the new one's verify", async () => {
  let fetches = 0;
  const counted = (address: string, options: object) => {
    fetches += 1;
    return there(address, options);
  };
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cooldownDuration: 0,
    [customFetch]: counted,
  });
  const verify = async (token: string) =>
    (await jwtVerify(token, keys, { issuer, audience: issuer, typ: "at+jwt" })).protectedHeader.kid;
  const before = (await newDevice(api)).accessToken;
  const first = await verify(before);
  await services.tokens.rotation?.rotateNow(clock.now());
  clock.advance(31);
  const after = (await newDevice(api)).accessToken;
  const second = await verify(after);
  expect([first === second, await verify(before), await verify(after)]).toEqual([false, first, second]);
  expect(fetches).toBe(2);
});
