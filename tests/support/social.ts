import type { JWTPayload } from "jose";
import type { ApiAnswer } from "./api.ts";
import { createBrowser, locationOf, type Browser } from "./browser.ts";
import { clientId, clientSecret, startIssuer, type TestIssuer } from "./providers/issuer.ts";
import { startService, type TestService } from "./service.ts";

export const home = "http://localhost:3000/";
/** What the issuer in `settings` is called here. */
export const ownOrigin = "http://localhost:7071";

/** A service with the provider `acme`, an issuer that a test speaks for and that is trusted with addresses. */
export interface SocialService extends TestService {
  readonly issuer: TestIssuer;
  /** Sends a browser to the provider. @returns the callback URL that it sends the browser back to, with a code */
  authorize(browser: Browser, redirectTo?: string): Promise<string>;
  /** Goes the whole way through the provider. @returns where the browser is in the end */
  signIn(browser: Browser, person: JWTPayload): Promise<URL>;
  /** Signs in as an app does. */
  exchange(person: JWTPayload, provider?: string): Promise<ApiAnswer>;
}

/** The settings of an issuer under the name that a prefix gives it. */
export function issuerSettings(prefix: string, { url }: TestIssuer): Record<string, string> {
  return { [`${prefix}_ISSUER`]: url, [`${prefix}_CLIENT_ID`]: clientId, [`${prefix}_CLIENT_SECRET`]: clientSecret };
}

export async function startSocialService(settings: Record<string, string> = {}): Promise<SocialService> {
  const issuer: TestIssuer = await startIssuer({ now: () => service.clock.now() });
  const own = { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true" };
  const service: TestService = await startService({ ...own, ...settings });
  const authorize: SocialService["authorize"] = async (browser, redirectTo = home) => {
    const query = new URLSearchParams({ redirect_to: redirectTo });
    const sent = await browser.visit(`${service.url}/auth/oauth/acme/authorize?${query.toString()}`);
    return issuer.authorize(locationOf(sent).href).replace(ownOrigin, service.url);
  };
  return Object.assign(service, {
    issuer,
    authorize,
    async signIn(browser: Browser, person: JWTPayload) {
      issuer.person = person;
      return locationOf(await browser.visit(await authorize(browser)));
    },
    async exchange(person: JWTPayload, provider = "acme") {
      const idToken = await issuer.idToken({ nonce: "n", ...person });
      return service.api.post(`/auth/oauth/${provider}`, {
        body: { id_token: idToken, nonce: "n", transport: "body" },
      });
    },
  });
}

/** Whose session a browser holds: the user of its refresh cookie, which is used up. */
export async function whoIs(service: TestService, browser: Browser) {
  const response = await browser.visit(`${service.url}/auth/refresh`, { method: "POST" });
  const { data } = (await response.json()) as { data?: { user: Record<string, unknown>; access_token: string } };
  return data;
}

export { createBrowser, locationOf, type Browser };
