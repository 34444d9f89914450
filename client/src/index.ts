import type { Credentials, LogoutScope, Provider, Registration, User } from "./api.ts";
import { authorizedFetch, tokenReceivers } from "./authorized-fetch.ts";
import { bodyTransport, type Browse } from "./body-transport.ts";
import { fail, LatchkeyError, method } from "./errors.ts";
import { insides } from "./insides.ts";
import { Keeper, type Listener } from "./keeper.ts";
import { createService, noProvider, type Service } from "./service.ts";
import { timed, type Session } from "./session.ts";
import type { TokenStorage } from "./storage.ts";
import { cookieTransport, thisPage, type Transport } from "./transport.ts";

export type { Credentials, ErrorCode, Identities, LogoutScope, Provider, Registration, User } from "./api.ts";
export { accountOf, type Account, type AskForProof, type Proof } from "./account.ts";
export type { Browse, Listener, Session, TokenStorage };
export type { ClientErrorCode } from "./errors.ts";
export { LatchkeyError };

export interface ClientOptions {
  /** The URL of the service, its `ISSUER`. */
  readonly baseUrl: string;
  /** `cookie` (unless given) for pages on the service's own site; `body` for native apps and for pages on another site. */
  readonly transport?: "cookie" | "body";
  /**
   * With `body`: where the refresh token is kept, or a function that opens it, since a browser that blocks a storage throws as
   * soon as its name is said. Without it, and while it does not work, the token is gone with the page.
   */
  readonly storage?: TokenStorage | (() => TokenStorage);
  /** With `body`: shows the provider's page, where the application is none itself. */
  readonly browse?: Browse;
  /** Origins whose requests get the access token from `fetch`, beside the service's own; no other ever does. */
  readonly apiOrigins?: readonly string[];
  /** Sends all requests. */
  readonly fetch?: typeof fetch;
}

/**
 * Signs people in and keeps them signed in. What is rejected is a `LatchkeyError`, whatever the browser lacks or blocks; but
 * `fetch` also rejects as the global one does.
 */
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

/** @param options at least the URL of the service @throws LatchkeyError when an option cannot work */
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
  const transport = kind === "cookie" ? cookieTransport(service) : bodyTransport(service, options);
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
  async function signIn(name: string, redirectTo = thisPage()): Promise<User | undefined> {
    const finish = await transport.goTo(await provider(name), redirectTo);
    return finish && (await keeper.change(() => timed(finish))).user;
  }

  insides.set(withToken, { service, asPerson, transport, keeper, provider, asking: new Map() });
  return {
    get user() {
      return keeper.session?.user;
    },
    register: method(
      async (registration) => (await service<{ user: User }>("auth/register", { body: registration })).user,
    ),
    login: method(
      async (credentials) => (await keeper.change(() => timed(() => transport.signIn("auth/login", credentials)))).user,
    ),
    logout: method((how) => logOut({ service, transport, keeper }, how?.scope ?? "local")),
    refresh: method(async () => (await keeper.refresh())?.user),
    me: method(async () => (await asPerson<{ user: User }>("auth/me", { method: "GET" })).user),
    fetch: withToken,
    getAccessToken: method(keeper.accessToken),
    providers: method(providers),
    signInWith: method((name, to) => signIn(name, to?.redirectTo)),
    onChange: keeper.onChange,
    close: keeper.close,
  };
}

/** A URL with one slash at its end. */
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
