import type { Credentials, LogoutScope, Provider, Registration, SignIn, User } from "./api.ts";
import { authorizedFetch, tokenReceivers } from "./authorized-fetch.ts";
import { bodyTransport, type Browse } from "./body-transport.ts";
import { LatchkeyError } from "./errors.ts";
import { Keeper, type Listener } from "./keeper.ts";
import { createService, type Service } from "./service.ts";
import { toSession, type Session } from "./session.ts";
import type { TokenStorage } from "./storage.ts";
import { cookieTransport, type Transport } from "./transport.ts";

export type { Credentials, ErrorCode, LogoutScope, Provider, Registration, User } from "./api.ts";
export type { Browse, Listener, Session, TokenStorage };
export type { ClientErrorCode } from "./errors.ts";
export { LatchkeyError };

export interface ClientOptions {
  /** The URL of the service, its `ISSUER`. */
  readonly baseUrl: string;
  /** `cookie` (unless given) for pages on the service's own site; `body` for native apps and for pages on another site. */
  readonly transport?: "cookie" | "body";
  /** With `body`: where the refresh token is kept. Without it, it is gone with the page. */
  readonly storage?: TokenStorage;
  /** With `body`: shows the provider's page, where the application is none itself. */
  readonly browse?: Browse;
  /** Origins whose requests get the access token from `fetch`, beside the service; every one that is asked unless given. */
  readonly apiOrigins?: readonly string[];
  /** Sends all requests. */
  readonly fetch?: typeof fetch;
}

/** Signs people in and keeps them signed in. Errors are `LatchkeyError`. */
export interface Client {
  /** Who is signed in, as far as it is known: `refresh` finds out. */
  readonly user: User | undefined;
  /** Makes an account. Nobody is signed in by it. */
  register(registration: Registration): Promise<User>;
  login(credentials: Credentials): Promise<User>;
  /** Ends this session, all `others`, or, `global`, every one. @returns how far it went */
  logout(options?: { readonly scope?: LogoutScope }): Promise<LogoutScope>;
  /** Gets a new access token; first of all when a page is opened. @returns undefined when nobody is signed in */
  refresh(): Promise<User | undefined>;
  /** Asks the service who is signed in. */
  me(): Promise<User>;
  /** As the global `fetch`, with the access token. After a 401 it refreshes and sends the request once more. */
  readonly fetch: typeof fetch;
  /** An access token that is good for now; undefined when nobody is signed in. */
  readonly getAccessToken: () => Promise<string | undefined>;
  /** The social providers that are set up. */
  providers(): Promise<Provider[]>;
  /**
   * Goes to a provider's page, which comes back to `redirectTo`, this page unless given: `refresh` then signs in. With
   * `browse` it is done when this resolves; undefined when it was cancelled.
   */
  signInWith(provider: string, options?: { readonly redirectTo?: string }): Promise<User | undefined>;
  /** Calls the listener with every new session, and with undefined when it has ended. @returns stops that */
  readonly onChange: (listener: Listener) => () => void;
  /** Stops everything, and is the last call; the session itself goes on. */
  close(): void;
}

/** @param options at least the URL of the service */
export function createClient(options: ClientOptions): Client {
  const { transport: kind = "cookie", fetch: send = (...call) => fetch(...call) } = options;
  let address = options.baseUrl;
  while (address.endsWith("/")) address = address.slice(0, -1);
  const at = { baseUrl: `${address}/`, withCookies: kind === "cookie" };
  const service = createService({ ...at, fetch: send });
  const transport = kind === "cookie" ? cookieTransport(service) : bodyTransport(service, options);
  const keeper = new Keeper({ name: `latchkey ${kind} ${at.baseUrl}`, isShared: transport.isShared }, (isFirst) =>
    timed(() => transport.renew(isFirst)),
  );
  transport.onElsewhere?.(keeper.hearElsewhere, keeper.untilClosed);
  const withToken = authorizedFetch(keeper, send, tokenReceivers(at.baseUrl, options.apiOrigins));
  const asPerson = createService({ ...at, fetch: withToken });
  const providers = async () =>
    (await service<{ providers: Provider[] }>("auth/oauth/providers", { method: "GET" })).providers;

  return {
    get user() {
      return keeper.session?.user;
    },
    async register(registration) {
      return (await service<{ user: User }>("auth/register", { body: registration })).user;
    },
    async login(credentials) {
      return (await keeper.change(() => timed(() => transport.signIn("auth/login", credentials)))).user;
    },
    logout: ({ scope = "local" } = {}) => logOut({ service, transport, keeper }, scope),
    refresh: async () => (await keeper.refresh())?.user,
    me: async () => (await asPerson<{ user: User }>("auth/me", { method: "GET" })).user,
    fetch: withToken,
    getAccessToken: keeper.accessToken,
    providers,
    async signInWith(name, { redirectTo = location.origin + location.pathname } = {}) {
      const provider = (await providers()).find((one) => one.name === name);
      if (!provider) throw new LatchkeyError("PROVIDER_NOT_CONFIGURED", `There is no provider ${name}`);
      const finish = await transport.goTo(provider, redirectTo);
      return finish && (await keeper.change(() => timed(finish))).user;
    },
    onChange: keeper.onChange,
    close: keeper.close,
  };
}

/** A sign-in as a session, which began when it was asked for. */
async function timed<T extends SignIn | undefined>(signingIn: () => Promise<T>): Promise<SessionOf<T>> {
  const askedAt = Date.now();
  const signIn = await signingIn();
  return (signIn && toSession(signIn, askedAt)) as SessionOf<T>;
}
type SessionOf<T> = T extends undefined ? undefined : Session;

async function logOut(
  { service, transport, keeper }: { service: Service; transport: Transport; keeper: Keeper },
  scope: LogoutScope,
): Promise<LogoutScope> {
  let carriedOut = scope;
  await keeper.change(async () => {
    const accessToken = keeper.session?.accessToken;
    const body = { scope, ...(await transport.credentials()) };
    carriedOut = (await service<{ scope: LogoutScope }>("auth/logout", { body, accessToken })).scope;
    if (carriedOut === "others") return keeper.session;
    await transport.forget();
    return undefined;
  });
  return carriedOut;
}
