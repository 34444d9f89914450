import type { Provider, SignIn } from "./api.ts";
import { keepAttempts, type Arrival } from "./arrival.ts";
import { beginAttempt } from "./authorization-code.ts";
import { answers, readCode } from "./provider-answer.ts";
import { keepDevice, readDevice } from "./device.ts";
import { ifAllowed } from "./errors.ts";
import { twice } from "./persistence.ts";
import { keepRefreshToken, refreshTokenKey } from "./refresh-token.ts";
import { providerName, type Service } from "./service.ts";
import { createStore, type TokenStorage } from "./storage.ts";
import { byRefreshToken, unlessNobody, type Renewal, type Transport } from "./transport.ts";

/**
 * Shows a sign-in page. @param redirectUri where that page ends up
 * @returns the URL it ended up at; undefined if it was closed first
 */
export type Browse = (url: string, redirectUri: string) => Promise<string | undefined>;

export interface BodyOptions {
  readonly storage?: TokenStorage | (() => TokenStorage) | undefined;
  readonly browse?: Browse | undefined;
}

/**
 * Sends the refresh token in bodies, for native apps and pages on another site. The application says where to keep it.
 */
export function bodyTransport(service: Service, { storage, browse }: BodyOptions): Required<Transport> {
  const store = createStore(storage);
  const tokens = keepRefreshToken(store);
  const postCode = async ({ attempt, url }: Arrival) =>
    signIn(`auth/oauth/${providerName(attempt.provider)}`, readCode(url, attempt));
  const attempts = keepAttempts(store, postCode);

  async function signIn(path: string, body: object): Promise<SignIn> {
    // A second factor names the device that showed the first one, which is kept once somebody is signed in.
    const sent = { ...(await readDevice(store, path)), ...body, transport: "body" };
    const signedIn = await service<SignIn>(path, { body: sent });
    attempts.drop();
    await tokens.begin(signedIn.refresh_token);
    await keepDevice(store, signedIn);
    return signedIn;
  }

  async function renew(isFirst: boolean, renewal = byRefreshToken, isLast = !!renewal.signal): Renewed {
    await tokens.catchUp();
    const sent = await tokens.read();
    if (!sent.token) return undefined;
    const body = { ...renewal.body, refresh_token: sent.token };
    const renewed = await ask(service, { ...renewal, body }, isFirst);
    if (!renewed) await tokens.catchUp();
    // If another page signed in or renewed in the meantime, use its session; but retry only once.
    return (await tokens.replace(sent, renewed?.refresh_token)) || isLast ? renewed : renew(true, renewal, true);
  }

  async function authorize(provider: Provider, redirectTo: string, purpose?: string): Promise<Arrival | undefined> {
    const { url, attempt } = await beginAttempt(provider, redirectTo, purpose);
    if (browse) {
      const end = await browse(url, redirectTo);
      const arrival = end === undefined ? undefined : { attempt, url: new URL(end) };
      return arrival && answers(arrival.url, attempt) ? arrival : undefined;
    }
    await attempts.begin(attempt);
    location.assign(url);
    return undefined;
  }

  return {
    isShared: false,
    signIn,
    renew: async (isFirst, renewal) => (renewal ? undefined : await attempts.finish()) ?? renew(isFirst, renewal),
    async credentials() {
      await tokens.catchUp();
      const { token } = await tokens.read();
      return token ? { refresh_token: token } : {};
    },
    async forget() {
      attempts.drop();
      await tokens.replace(await tokens.read(), undefined);
    },
    async goTo(provider, redirectTo) {
      const arrival = await authorize(provider, redirectTo);
      return arrival && (() => postCode(arrival));
    },
    authorize,
    arrival: attempts.find,
    onElsewhere(hear, group) {
      if (storage) tokens.join(group, () => hear(true));
      const listener = ({ key, newValue }: StorageEvent) => key === refreshTokenKey && hear(newValue === null);
      ifAllowed(() => addEventListener("storage", listener, group));
    },
  };
}

type Renewed = Promise<SignIn | undefined>;

function ask(service: Service, { path, ...call }: Renewal, isFirst: boolean): Renewed {
  if (call.signal) return service<SignIn>(path, call);
  return unlessNobody(twice(isFirst, (signal) => service<SignIn>(path, { ...call, signal })));
}
