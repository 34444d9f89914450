import * as oauth from "oauth4webapi";
import { expect, test } from "vitest";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

// Verification by another's library reads the machine's own clock.
const { api, url, clock } = await startService();
clock.advance((Date.now() - clock.now().getTime()) / 1000);

test.each(["RS256"])("RFC 9068: oauth4webapi validates an access token with our JWKS alone (%s)", async () => {
  const device = await newDevice(api);
  const server: oauth.AuthorizationServer = {
    issuer: "http://localhost:7071",
    jwks_uri: `${url}/.well-known/jwks.json`,
  };
  const request = new Request("https://api.example/resource", {
    headers: { Authorization: `Bearer ${device.accessToken}` },
  });
  const claims = await oauth.validateJwtAccessToken(server, request, "http://localhost:7071", {
    [oauth.allowInsecureRequests]: true,
  });
  expect(claims).toMatchObject({ client_id: "web", iss: "http://localhost:7071", sid: expect.any(String) });
});
