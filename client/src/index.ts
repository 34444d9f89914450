import type { Credentials, LogoutScope, Provider, Registration, User } from "./api.ts";
import { authorizedFetch, tokenReceivers } from "./authorized-fetch.ts";
import { bodyLater } from "./body-later.ts";
import type { Browse } from "./body-transport.ts";
import { fail, LatchkeyError, method } from "./errors.ts";
import { insides } from "./insides.ts";
import { Keeper, type Listener } from "./keeper.ts";
import { createService, noProvider, type Service } from "./service.ts";
import { timed, type Session } from "./session.ts";
import type { TokenStorage } from "./storage.ts";
import { cookieTransport, thisPage, type Transport } from "./transport.ts";

export type { Credentials, ErrorCode, LogoutScope, Provider, Registration, User } from "./api.ts";
export type { Browse, Listener, Session, TokenStorage };
export type { ClientErrorCode } from "./errors.ts";
export { captchaOf, type Captcha } from "./captcha.ts";
export { LatchkeyError };

export interface ClientOptions {
  /** The URL of the service, its `ISSUER`. */
  readonly baseUrl: string;
  /** `cookie` (the default) for pages on the service's own site; `body` for native apps and pages on another site. */
  readonly transport?: "cookie" | "body";
  /**
   * With `body`: where to keep the refresh token. May be a function that opens the storage, because a browser that
   * blocks one throws at the mere mention of it. Without storage, or while it fails, the token is lost with the page.
   */
  readonly storage?: TokenStorage | (() => TokenStorage);
  /** With `body`: shows the provider's page, for applications that are not a page themselves. */
  readonly browse?: Browse;
  /** Origins that get the access token from `fetch`, besides the service's own. No other origin ever does. */
  readonly apiOrigins?: readonly string[];
  /** Sends all requests; the global `fetch` unless given. */
  readonly fetch?: typeof fetch;
}

/**
 * Signs people in and keeps them signed in. Methods reject with a `LatchkeyError` only, whatever the browser lacks or
 * blocks; `fetch` also rejects the way the global one does.
 */
export interface Client {
  /** Who is signed in, as far as known; `refresh` finds out. */
  readonly user: User | undefined;
  /**
   * Creates an account. This does not sign anyone in.
   * @returns undefined if the address must be proven first: a link and a code are on their way to it
   */
  register(registration: Registration): Promise<User | undefined>;
  login(credentials: Credentials): Promise<User>;
  /** Ends this session, the `others`, or all of them (`global`). @returns the scope that was carried out */
  logout(options?: { readonly scope?: LogoutScope }): Promise<LogoutScope>;
  /** Gets a new access token; call it first when a page opens. @returns undefined if nobody is signed in */
  refresh(): Promise<User | undefined>;
  /** Asks the service who is signed in. */
  me(): Promise<User>;
  /** Like the global `fetch`, with the access token. After a 401 it refreshes and sends the request once more. */
  readonly fetch: typeof fetch;
  /** A valid access token; undefined if nobody is signed in. */
  readonly getAccessToken: () => Promise<string | undefined>;
  /** The social providers that are set up. */
  providers(): Promise<Provider[]>;
  /**
   * Goes to a provider's page, which comes back to `redirectTo` (default: this page), where `refresh` signs in. With
   * `browse`, the sign-in is done when this resolves; undefined means it was cancelled.
   */
  signInWith(provider: string, options?: { readonly redirectTo?: string }): Promise<User | undefined>;
  /**
   * Calls the listener with every new session, and with undefined when it ends. @returns a function that removes the
   * listener
   */
  readonly onChange: (listener: Listener) => () => void;
  /** Stops timers, listeners and channels. Make no further calls; the session itself continues. */
  close(): void;
}

/** @param options at least `baseUrl` @throws LatchkeyError if an option cannot work */
export function createClient(options: ClientOptions): Client {
  try {
    return connect(options);
  } catch (error) {
    return fail(error);
  }
}

function connect(options: ClientOptions): Client {
  const { transport: kind = "cookie", fetch: send = (...call) => fetch(...call) } = options;
  if (kind !== "cookie" && kind !== "body")
    throw new LatchkeyError("INVALID_OPTIONS", "transport must be cookie or body");
  const mayReceive = tokenReceivers([options.baseUrl, ...(options.apiOrigins ?? [])]);
  const at = { baseUrl: withSlash(options.baseUrl), withCookies: kind === "cookie" };
  const service = createService({ ...at, fetch: send });
  const transport = kind === "cookie" ? cookieTransport(service) : bodyLater(service, options);
  const group = `latchkey ${kind} ${at.baseUrl}`;
  const keeper = new Keeper({ name: group, isShared: transport.isShared }, (isFirst) =>
    timed(() => transport.renew(isFirst)),
  );
  transport.onElsewhere?.(keeper.hearElsewhere, { name: group, signal: keeper.untilClosed });
  const withToken = authorizedFetch(keeper, send, mayReceive);
  const asPerson = createService({ ...at, fetch: withToken });
  const providers = async () =>
    (await service<{ providers: Provider[] }>("auth/oauth/providers", { method: "GET" })).providers;

  async function provider(name: string): Promise<Provider> {
    const found = (await providers()).find((one) => one.name === name);
    if (!found) throw noProvider(name);
    return found;
  }
  const signIn = async (path: string, body: object): Promise<User> =>
    (await keeper.change(() => timed(() => transport.signIn(path, body)))).user;

  async function signInWith(name: string, redirectTo = thisPage()): Promise<User | undefined> {
    const finish = await transport.goTo(await provider(name), redirectTo);
    return finish && (await keeper.change(() => timed(finish))).user;
  }

  insides.set(withToken, { service, asPerson, transport, keeper, signIn, provider, asking: new Map() });
  return {
    get user() {
      return keeper.session?.user;
    },
    register: method(
      async (registration) => (await service<{ user?: User }>("auth/register", { body: registration })).user,
    ),
    login: method((credentials) => signIn("auth/login", credentials)),
    logout: method((how) => logOut({ service, transport, keeper }, how?.scope ?? "local")),
    refresh: method(async () => (await keeper.refresh())?.user),
    me: method(async () => (await asPerson<{ user: User }>("auth/me", { method: "GET" })).user),
    fetch: withToken,
    getAccessToken: method(keeper.accessToken),
    providers: method(providers),
    signInWith: method((name, to) => signInWith(name, to?.redirectTo)),
    onChange: keeper.onChange,
    close: keeper.close,
  };
}

/** The URL with exactly one slash at its end. */
function withSlash(url: string): string {
  return url.endsWith("/") ? withSlash(url.slice(0, -1)) : `${url}/`;
}

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
