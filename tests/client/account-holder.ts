import { expect } from "vitest";
import { accountOf, type AskForProof } from "../../client/src/account.ts";
import type { ClientOptions } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import type { SocialService } from "../support/social.ts";
import { createDevice, createStorage } from "./device.ts";

/** Somebody who signs in by a client in each of its ways, and has to do with their account. */
export function accountHolders({ api, url, issuer, clock }: SocialService) {
  const transports: Record<string, () => Partial<ClientOptions>> = {
    cookie: () => ({}),
    "body, in memory": () => ({ transport: "body", browse: async (target) => issuer.authorize(target) }),
    "body, in a storage": () => ({
      transport: "body",
      storage: createStorage().storage,
      browse: async (target) => issuer.authorize(target),
    }),
  };

  async function signedIn(options: Partial<ClientOptions> = {}, ask?: AskForProof) {
    const device = createDevice(url);
    const client = device.open(options);
    const email = await registerPerson(api);
    const user = await client.login({ email, password });
    const account = accountOf(client, ask && { reauthenticate: ask });
    return { device, client, account, email, user };
  }

  /** Links an identity at the service itself, as the person has done before. */
  async function linkBefore(email: string, sub: string): Promise<void> {
    const { json } = await api.post("/auth/login", { body: { email, password, transport: "body" } });
    const idToken = await issuer.idToken({ sub, nonce: "n" });
    const { access_token: bearer, refresh_token } = json.data;
    const body = { id_token: idToken, nonce: "n", refresh_token };
    const answer = await api.post("/auth/me/identities/acme", { bearer, body });
    expect(answer.status).toBe(200);
  }

  return {
    transports,
    signedIn,
    linkBefore,
    /** Longer than a sign-in is fresh. */
    stale: () => clock.advance(301),
  };
}
