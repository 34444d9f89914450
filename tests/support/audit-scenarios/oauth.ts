import { clientToken, newClient } from "../clients.ts";
import { newDevice, refreshed, type Device } from "../people.ts";
import { plain, type Arrange, type Scenarios, type World } from "./scenario.ts";

/** The client that stands for the first party's apps has no secret. */
const firstParty = ({ services }: World) => ({ client_id: services.config.tokens.clientId });

/** A client of its own asks. */
const ask =
  (path: string, form: Record<string, string>): Arrange =>
  async (service) => {
    const { basic } = await newClient(service, "orders.read");
    return () => service.api.post(path, { form, headers: basic });
  };

/** Nobody whom the service knows asks. */
const stranger = (path: string): Arrange =>
  plain("POST", path, {
    form: { client_id: "nobody", client_secret: "x", token: "x", grant_type: "client_credentials" },
  });

/** The first-party client sends a refresh token of a sign-in. */
const refresh =
  (tokenOf: (device: Device, service: World) => string | Promise<string>): Arrange =>
  async (service) => {
    const form = { ...firstParty(service), grant_type: "refresh_token" };
    const token = await tokenOf(await newDevice(service.api), service);
    return () => service.api.post("/oauth/token", { form: { ...form, refresh_token: token } });
  };

export const oauth: Scenarios = {
  "oauth-authorize": { succeeds: [], isRefused: [plain("GET", "/oauth/authorize?response_type=code")] },
  "oauth-introspect": {
    succeeds: [ask("/oauth/introspect", { token: "x" })],
    isRefused: [
      stranger("/oauth/introspect"),
      (service) => () => service.api.post("/oauth/introspect", { form: { ...firstParty(service), token: "x" } }),
    ],
  },
  "oauth-revoke": {
    succeeds: [
      async (service) => {
        const client = await newClient(service);
        const token = await clientToken(service.api, client);
        return () => service.api.post("/oauth/revoke", { form: { token }, headers: client.basic });
      },
      async (service) => {
        const { refreshToken: token } = await newDevice(service.api);
        return () => service.api.post("/oauth/revoke", { form: { ...firstParty(service), token } });
      },
    ],
    isRefused: [
      stranger("/oauth/revoke"),
      async (service) => {
        const token = await clientToken(service.api, await newClient(service));
        return ask("/oauth/revoke", { token })(service);
      },
    ],
  },
  "oauth-token": {
    succeeds: [ask("/oauth/token", { grant_type: "client_credentials" }), refresh(({ refreshToken }) => refreshToken)],
    isRefused: [
      stranger("/oauth/token"),
      ask("/oauth/token", { grant_type: "client_credentials", scope: "orders.delete" }),
      ask("/oauth/token", { grant_type: "refresh_token", refresh_token: "x" }),
      refresh(() => "not-a-token"),
      refresh(async (device, { api, clock }) => {
        await refreshed(api, device);
        clock.advance(3600);
        return device.refreshToken;
      }),
    ],
  },
};
