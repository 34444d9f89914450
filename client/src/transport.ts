import type { Provider, SignIn } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { ifAllowed, LatchkeyError } from "./errors.ts";
import { twice } from "./persistence.ts";
import type { Call, Service } from "./service.ts";
import type { Group } from "./tabs.ts";

/**
 * A call that renews the session: the refresh token, which the transport adds, and perhaps more. A call with a signal
 * works only once: it is sent once, and a refusal of its token is an error.
 */
export type Renewal = Call & { readonly path: string };

export const byRefreshToken: Renewal = { path: "auth/refresh" };

/** How the refresh token travels and where it is kept. */
export interface Transport {
  /** Whether all tabs of the browser have the same session. */
  readonly isShared: boolean;
  /** Signs in. @param body without the transport's own members */
  signIn(path: string, body: object): Promise<SignIn>;
  /**
   * Gets a new access token.
   * @param isFirst false for a repeat
   * @param renewal by default, only the refresh token
   * @returns undefined if nobody is signed in
   */
  renew(isFirst: boolean, renewal?: Renewal): Promise<SignIn | undefined>;
  /** What proves, besides the access token, that a call belongs to this session. */
  credentials(): Promise<object>;
  /** Forgets the refresh token. */
  forget(): Promise<void>;
  /** Goes to a provider. @returns a function that signs in, if this page stays and the person did not cancel */
  goTo(provider: Provider, redirectTo: string): Promise<(() => Promise<SignIn>) | undefined>;
  /**
   * If the client runs the flow itself: goes to a provider. @param purpose what for; a sign-in unless given
   * @returns the answer; undefined if the browser leaves this page or the person cancelled
   */
  authorize?(provider: Provider, redirectTo: string, purpose?: string): Promise<Arrival | undefined>;
  /** The answer for that purpose that opened this page. */
  arrival?(purpose: string): Promise<Arrival | undefined>;
  /** Calls `hear` about pages that the tabs do not hear from. */
  onElsewhere?(hear: (isEnd: boolean) => void, group: Group): void;
}

/** The current page's address, to come back to. @throws LatchkeyError */
export function thisPage(): string {
  const page = ifAllowed(() => location.origin + location.pathname);
  if (!page) throw new LatchkeyError("PLATFORM_ERROR", "There is no page to come back to: set redirectTo");
  return page;
}

/** Keeps the refresh token in an HttpOnly cookie, which no script can read. */
export function cookieTransport(service: Service): Transport {
  return {
    isShared: true,
    signIn: (path, body) => service(path, { body }),
    renew(isFirst, { path, ...call } = byRefreshToken) {
      if (call.signal) return service<SignIn>(path, call);
      const ask = (first: boolean) => twice(first, (signal) => service<SignIn>(path, { ...call, signal }));
      return unlessNobody(ask(isFirst), () => ask(true));
    },
    credentials: async () => ({}),
    forget: async () => {},
    async goTo({ authorize_url: address }, redirectTo) {
      const url = new URL(address);
      url.searchParams.set("redirect_to", redirectTo);
      location.assign(url.href);
      return undefined;
    },
  };
}

/**
 * A missing or refused refresh token is not an error: nobody is signed in. A gateway's 401 says nothing about that.
 * @param again asks once more if the token is refused: a repeat may be, because the browser has a newer token by now
 */
export async function unlessNobody(
  signingIn: Promise<SignIn>,
  again?: () => Promise<SignIn>,
): Promise<SignIn | undefined> {
  try {
    return await signingIn;
  } catch (error) {
    const code = error instanceof LatchkeyError ? error.code : "";
    if (!code.startsWith("REFRESH_TOKEN_")) throw error;
    return again && code === "REFRESH_TOKEN_INVALID" ? unlessNobody(again()) : undefined;
  }
}
