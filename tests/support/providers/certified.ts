import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload } from "jose";
import { Provider } from "oidc-provider";
import { vi } from "vitest";
import { whenDone } from "../when-done.ts";

export const registration = { client_id: "latchkey-certified", client_secret: "canary-certified-secret" };

/** A certified OpenID provider on this machine, with pages on which people sign in and consent. */
export interface CertifiedProvider {
  readonly url: string;
  /** What it knows of people, by the login that they type. */
  readonly people: Map<string, JWTPayload>;
}

/** The settings of a certified provider under the name that a prefix gives it. */
export function certifiedSettings(prefix: string, { url }: CertifiedProvider): Record<string, string> {
  const { client_id: id, client_secret: secret } = registration;
  return { [`${prefix}_ISSUER`]: url, [`${prefix}_CLIENT_ID`]: id, [`${prefix}_CLIENT_SECRET`]: secret };
}

export interface CertifiedOptions {
  readonly redirectUris: readonly string[];
  /** Whether id_tokens carry the claims of the scopes, as Google's and Entra's do; otherwise UserInfo alone does. */
  readonly isTalkative?: boolean;
  readonly client?: object;
}

/** Starts one; its issuer is its URL on 127.0.0.1, another host than the service's to a browser. */
export async function startCertifiedProvider(options: CertifiedOptions): Promise<CertifiedProvider> {
  const people = new Map<string, JWTPayload>();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "certified" };
  // It says that its pages and its memory are for development, which is what they are used for.
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const provider = new Provider(url, {
    clients: [{ ...registration, redirect_uris: [...options.redirectUris], ...options.client }],
    jwks: { keys: [key] },
    cookies: { keys: ["a key of the tests"] },
    pkce: { required: () => true },
    conformIdTokenClaims: options.isTalkative !== true,
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    claims: {
      openid: ["sub", "xms_edov"],
      email: ["email", "email_verified", "hd"],
      profile: ["name", "picture", "preferred_username"],
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ ...people.get(id), sub: id }),
    }),
  });
  warn.mockRestore();
  server.on("request", provider.callback());
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, people };
}
