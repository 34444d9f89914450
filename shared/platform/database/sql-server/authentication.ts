import { setTimeout as sleep } from "node:timers/promises";
import type { AccessToken, TokenCredential } from "@azure/identity";
import type { ConnectionAuthentication } from "tedious";
import { systemClock } from "../../clock.ts";
import { credentialOf, type Identity } from "../../identity.ts";

/** Who logs in: a SQL login, or the service's own identity. */
export type Login = PasswordLogin | Identity;

/**
 * Returns how to log in, for each new connection. A single credential per process fetches tokens; each is kept until
 * shortly before it expires.
 * @throws Error with code ENOTOKEN if the identity gets no token
 */
export function createAuthentication(login: Login, server: string): () => Promise<ConnectionAuthentication> {
  if ("username" in login) {
    const { username: userName, password } = login;
    return async () => ({ type: "default", options: { userName, password } });
  }
  const scope = scopeOf(server);
  let credential: Promise<TokenCredential> | undefined;
  let held: AccessToken | undefined;
  let fetching: Promise<AccessToken> | undefined;
  const currentToken = async (): Promise<AccessToken> => {
    const leftMilliseconds = held ? held.expiresOnTimestamp - systemClock.now().getTime() : 0;
    if (held && leftMilliseconds > sparedMilliseconds) return held;
    credential ??= credentialOf(login);
    fetching ??= fetchToken(credential, scope).finally(() => (fetching = undefined));
    try {
      return (held = await fetching);
    } catch (error) {
      // A later attempt may succeed; a token that is still valid serves until then.
      credential = undefined;
      if (held && leftMilliseconds > 0) return held;
      throw error;
    }
  };
  return async () => {
    const { token } = await currentToken();
    return { type: "azure-active-directory-access-token", options: { token } };
  };
}

interface PasswordLogin {
  readonly username: string;
  readonly password: string;
}

/** How long a token must still be valid to be used for a login. */
const sparedMilliseconds = 5 * 60_000;
const fetchMilliseconds = 10_000;

async function fetchToken(loading: Promise<TokenCredential>, scope: string): Promise<AccessToken> {
  try {
    const credential = await loading;
    // A managed identity's credential ignores signals, so the wait has its own limit.
    const token = await Promise.race([credential.getToken(scope), endOf(fetchMilliseconds)]);
    if (!token) throw new Error("the credential gave no token");
    return token;
  } catch (cause) {
    throw Object.assign(new Error("no token for the database", { cause }), { code: "ENOTOKEN" });
  }
}

async function endOf(milliseconds: number): Promise<never> {
  await sleep(milliseconds, undefined, { ref: false });
  throw new Error("the credential gave no token in time");
}

/** The Azure SQL resource of the cloud that the server's name belongs to. */
function scopeOf(server: string): string {
  const domain = /(?:^|\.)(database\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn))$/i.exec(server)?.[1];
  return `https://${domain ?? "database.windows.net"}/.default`;
}
