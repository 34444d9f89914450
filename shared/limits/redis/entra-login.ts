import { describeError, log } from "../../platform/log.ts";

/** What gets tokens of an identity; an Azure credential is one. */
export interface TokenSource {
  getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** A user name and a password of Redis. */
export interface RedisLogin {
  readonly username: string;
  readonly password: string;
}

interface Listener {
  onNext(login: RedisLogin): void;
}

/**
 * Signs in to Azure Managed Redis with tokens of Microsoft Entra: the name is the identity's object id, the password a
 * token. Redis ends a connection whose token has expired, so the live one is given the next token in time, by AUTH.
 * @param now milliseconds since 1970, as in a token's expiry
 */
export function createEntraLogin(source: () => Promise<TokenSource>, now: () => number) {
  let timer: NodeJS.Timeout | undefined;
  const read = async () => {
    const found = await (await source()).getToken(redisScope);
    if (!found) throw new Error("the identity got no token for Redis: see AZURE_CLIENT_ID");
    return { login: { username: objectIdOf(found.token), password: found.token }, endsAt: found.expiresOnTimestamp };
  };
  const renewLater = (listener: Listener, endsAt: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void renew(listener, endsAt), renewalDelay(endsAt - now())).unref();
  };
  const renew = async (listener: Listener, endsAt: number) => {
    try {
      const next = await read();
      listener.onNext(next.login);
      renewLater(listener, next.endsAt);
    } catch (error) {
      log("warn", "redis.login_not_renewed", { cause: describeError(error) });
      renewLater(listener, endsAt);
    }
  };
  return {
    type: "streaming-credentials-provider" as const,
    /** Called for each connection, of which there is one at a time. */
    async subscribe(listener: Listener): Promise<[RedisLogin, { dispose(): void }]> {
      const { login, endsAt } = await read();
      renewLater(listener, endsAt);
      return [login, { dispose: () => clearTimeout(timer) }];
    },
    onReAuthenticationError: (error: Error) => log("warn", "redis.login_refused", { cause: describeError(error) }),
  };
}

const redisScope = "https://redis.azure.com/.default";

/** After three quarters of what is left, so that there is time to try again; the credential may still give the same token. */
function renewalDelay(leftMilliseconds: number): number {
  return Math.min(Math.max(leftMilliseconds * 0.75, shortestDelay), longestDelay);
}

const shortestDelay = 1000;
/** `setTimeout` knows no delay above 2^31 ms. */
const longestDelay = 24 * 60 * 60 * 1000;

/** The claim `oid` of a token that was just received from Entra, and is not verified here. */
function objectIdOf(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const id: unknown = typeof claims === "object" && claims !== null ? Reflect.get(claims, "oid") : undefined;
  if (typeof id !== "string") throw new Error("the identity's token for Redis names no object id");
  return id;
}
