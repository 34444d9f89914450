import { startIssuer, type TestIssuer } from "../providers/issuer.ts";
import { newDevice, type Device } from "../people.ts";
import { issuerSettings, startSocialService, type SocialService } from "../social.ts";

/** A service with two providers. */
export interface World extends SocialService {
  /** The provider `other`. */
  readonly other: TestIssuer;
}

export async function startWorld(): Promise<World> {
  const other: TestIssuer = await startIssuer({ now: () => service.clock.now() });
  const service: SocialService = await startSocialService(issuerSettings("OIDC_OTHER", other));
  return Object.assign(service, { other });
}

/** Brings about a situation. @returns the one call to judge, not made yet */
export type Arrange = (service: World) => Send | Promise<Send>;
export type Send = () => Promise<Answer>;
type Answer = { readonly status: number; readonly headers: Headers };

/** Calls of an endpoint that, together, leave all the events that it declares. */
export interface Scenario {
  /** None if the endpoint never succeeds. */
  readonly succeeds: readonly Arrange[];
  /** None if only the gates before it, which do not depend on it, refuse calls. */
  readonly isRefused: readonly Arrange[];
}

/** Scenarios by the name of their endpoint. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** What a signed-in person sends: the access token, and the refresh token in its cookie. */
export const held = ({ accessToken: bearer, cookie }: Device) => ({ bearer, cookie });

/** A call of anybody. */
export const plain =
  (method: string, path: string, request: object = {}): Arrange =>
  ({ api }) =>
  () =>
    api.send(method, path, request);

/**
 * Somebody whose address is not proven, signed in, with an identity of the provider `other`: what is removed once the
 * address is proven, since another person may have made the account.
 */
export async function unprovenDevice({ api, other }: World): Promise<Device> {
  const device = await newDevice(api);
  const body = { id_token: await other.idToken({ nonce: "n", sub: device.email }), nonce: "n" };
  await api.post("/auth/me/identities/other", { ...held(device), body });
  return device;
}
