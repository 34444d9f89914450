import type { JWTPayload } from "jose";
import { toEpochSeconds } from "../../shared/platform/clock.ts";
import { createBrowser, locationOf } from "./browser.ts";
import { createTestClock } from "./clock.ts";
import { forgedIdTokens, keys, type Make } from "./forged-id-tokens.ts";
import { clientId, startIssuer } from "./providers/issuer.ts";
import { serveProvider } from "./providers/serve.ts";
import { startService, type TestService } from "./service.ts";
import { home, issuerSettings, ownOrigin } from "./social.ts";

/** A native app's client id at acme. */
export const native = "a-native-app";

/** A service with two providers that have the same keys, and what they may be made to say. */
export async function startIdTokenService() {
  const clock = createTestClock();
  const now = toEpochSeconds(clock.now());
  const [acme, other, thief] = [await startIssuer(clock), await startIssuer(clock), await serveProvider(() => ({}))];
  /** What acme's token endpoint gives for any code. */
  const desk = { issued: "" };
  const { url } = await serveProvider((request) =>
    request.url.pathname === "/keys"
      ? { body: { keys } }
      : { body: { access_token: "x", token_type: "Bearer", id_token: desk.issued } },
  );
  acme.document["token_endpoint"] = `${url}/token`;
  acme.document["jwks_uri"] = `${url}/keys`;
  // The other provider means harm: it passes acme's keys off as its own.
  other.document["jwks_uri"] = `${url}/keys`;
  const service = await startService({
    ...issuerSettings("OIDC_ACME", acme),
    ...issuerSettings("OIDC_OTHER", other),
    OIDC_ACME_ADDITIONAL_CLIENT_IDS: native,
  });
  const { token: ownAccessToken } = await service.services.tokens.access.issue(
    { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
    clock.now(),
  );

  let subjects = 0;
  function genuine(nonce: string): JWTPayload {
    subjects += 1;
    return { iss: acme.url, aud: clientId, sub: `s${subjects}`, iat: now, exp: now + 300, nonce };
  }

  /** As an app signs in. @returns the status and the error's code */
  async function byApp(make: Make, provider = "acme") {
    const body = { id_token: await make(genuine("n")), nonce: "n", transport: "body" };
    const { status, json } = await service.api.post(`/auth/oauth/${provider}`, { body });
    return [status, json.error_code];
  }

  /** As a browser signs in, with what acme's token endpoint then gives. @returns the error's code, or whether it got a session */
  async function byBrowser(make: Make) {
    const browser = createBrowser();
    const to = locationOf(await browser.visit(`${service.url}/auth/oauth/acme/authorize?redirect_to=${home}`));
    desk.issued = await make(genuine(to.searchParams.get("nonce") ?? ""));
    const back = await browser.visit(acme.authorize(to.href).replace(ownOrigin, service.url));
    return locationOf(back).searchParams.get("error") ?? browser.cookies.has("refresh_token");
  }

  const forgeries = forgedIdTokens({ acme, other, thief, ownAccessToken, now });
  return { acme, other, thief, now, forgeries, byApp, byBrowser, people: () => peopleOf(service) };
}

/** How many rows there are of people and of their identities. */
async function peopleOf({ services }: TestService): Promise<number> {
  const db = services.database.queries.withTables<{ users: { id: string }; identities: { id: string } }>();
  const [users, identities] = [db.selectFrom("users").select("id"), db.selectFrom("identities").select("id")];
  return (await users.execute()).length + (await identities.execute()).length;
}
