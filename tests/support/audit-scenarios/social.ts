import type { JWTPayload } from "jose";
import { newAddress } from "../accounts.ts";
import { cookieName, newDevice, signIn } from "../people.ts";
import { createFactorCalls } from "../second-factors.ts";
import { createBrowser, home } from "../social.ts";
import { held, plain, unprovenDevice, type Arrange, type Scenarios, type World } from "./scenario.ts";

/** Somebody whom the service does not know, with an address that the provider proves. */
function newPerson(): JWTPayload & { email: string } {
  const email = newAddress();
  return { sub: email, email, email_verified: true, name: "Ada" };
}

/** The provider proves the address of an account that had not proven it. */
async function unproven(service: World): Promise<JWTPayload> {
  const { email } = await unprovenDevice(service);
  return { sub: email, email, email_verified: true };
}

/** Somebody whose account has an authenticator app. */
async function withApp(service: World): Promise<JWTPayload> {
  const person = newPerson();
  const { access_token: accessToken, refresh_token: refreshToken } = (await service.exchange(person)).json.data;
  const device = { email: person.email, accessToken, refreshToken, cookie: `${cookieName}=${refreshToken}` };
  await createFactorCalls(service).withApp(device);
  return person;
}

type PersonOf = (service: World) => Promise<JWTPayload>;

/** A browser that comes back from the provider. */
const comesBack =
  (personOf: PersonOf): Arrange =>
  async (service) => {
    const browser = createBrowser();
    service.issuer.person = await personOf(service);
    const url = await service.authorize(browser);
    return () => browser.visit(url);
  };

/** A browser that comes back from the provider to link an identity that somebody else has. */
const linksAnothers: Arrange = async (service) => {
  const { api, issuer, url } = service;
  const taken = newPerson();
  await service.exchange(taken);
  const device = await newDevice(api);
  const body = { redirect_to: home };
  const begun = await api.post("/auth/me/identities/acme", { ...held(device), body });
  issuer.person = taken;
  const back = issuer.authorize(begun.json.data.authorization_url).replace(/^https?:\/\/[^/]+/, url);
  const cookie = begun.setCookies.map((line) => line.split(";")[0]).join("; ");
  return () => fetch(back, { headers: { Cookie: cookie }, redirect: "manual" });
};

/** An app that shows an identity. */
const exchange =
  (personOf: PersonOf): Arrange =>
  async (service) => {
    const person = await personOf(service);
    return () => service.exchange(person);
  };

const idToken = async ({ issuer }: World, person: JWTPayload) => ({
  id_token: await issuer.idToken({ nonce: "n", ...person }),
  nonce: "n",
});

/** A signed-in person shows an identity. */
const links =
  (personOf: (email: string) => JWTPayload): Arrange =>
  async (service) => {
    const device = await newDevice(service.api);
    const body = await idToken(service, personOf(device.email));
    return () => service.api.post("/auth/me/identities/acme", { ...held(device), body });
  };

export const social: Scenarios = {
  "social-identities": {
    succeeds: [
      async ({ api }) => {
        const { bearer } = held(await newDevice(api));
        return () => api.get("/auth/me/identities", { bearer });
      },
    ],
    isRefused: [plain("GET", "/auth/me/identities", { bearer: "forged" })],
  },
  "social-authorize": {
    succeeds: [plain("GET", `/auth/oauth/acme/authorize?redirect_to=${home}`)],
    isRefused: [plain("GET", "/auth/oauth/acme/authorize?redirect_to=https://evil.example")],
  },
  "social-callback": {
    succeeds: [comesBack(async () => newPerson()), comesBack(unproven), comesBack(withApp)],
    isRefused: [
      ({ url }) =>
        () =>
          createBrowser().visit(`${url}/auth/oauth/acme/callback?state=x&code=y`),
      linksAnothers,
    ],
  },
  "social-callback-form": {
    succeeds: [plain("POST", "/auth/oauth/acme/callback", { form: { state: "x", code: "y" } })],
    isRefused: [plain("POST", "/auth/oauth/nobody/callback", { form: { state: "x", code: "y" } })],
  },
  "social-exchange": {
    succeeds: [exchange(async () => newPerson()), exchange(unproven), exchange(withApp)],
    isRefused: [exchange(async () => ({ ...newPerson(), aud: "another-app" }))],
  },
  "social-link-identity": {
    succeeds: [links((email) => ({ sub: email, email, email_verified: true }))],
    isRefused: [links((email) => ({ sub: email, aud: "another-app" }))],
  },
  "social-unlink-identity": {
    succeeds: [
      async (service) => {
        const { api } = service;
        const device = await newDevice(api);
        await signIn(api, device.email);
        const body = await idToken(service, { sub: device.email });
        await api.post("/auth/me/identities/acme", { ...held(device), body });
        return () => api.send("DELETE", "/auth/me/identities/acme", held(device));
      },
    ],
    isRefused: [
      async ({ api }) => {
        const device = await newDevice(api);
        return () => api.send("DELETE", "/auth/me/identities/acme", held(device));
      },
    ],
  },
};
