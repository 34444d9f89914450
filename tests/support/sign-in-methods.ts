import { expect } from "vitest";
import type { ApiAnswer } from "./api.ts";
import { createBrowser, locationOf } from "./browser.ts";
import type { TestService } from "./service.ts";

/** What the settings of the tests call the service. */
export const issuer = "http://localhost:7071";
/** Where an app, and a browser, are sent back to. */
export const [appUrl, welcome] = ["http://localhost:3000/anything", "http://localhost:3000/welcome"];

/** The status and code of a refusal. */
export const refused = [401, "PROVIDER_TOKEN_INVALID"] as const;
export const unavailable = [502, "PROVIDER_UNAVAILABLE"] as const;

/** An imitated provider of access tokens, for the person whom it speaks for now. */
interface TokenProvider {
  authorize(authorizationUrl: string): string;
  grantTo(redirectUri: string): object;
  mint(): string;
}

/** The ways in which the person at a provider can sign in, and what tests ask about them. */
export function signInMethods({ api, url, services }: TestService, name: string, provider: TokenProvider) {
  /** What the service has answered, as texts. */
  const answers: string[] = [];

  async function exchange(body: object): Promise<ApiAnswer> {
    const answer = await api.post(`/auth/oauth/${name}`, { body: { ...body, transport: "body" } });
    answers.push(JSON.stringify([answer.json, ...answer.headers]));
    return answer;
  }

  /** Signs in by the browser. @returns where it ends up, and the user that it then is */
  async function browse(decide: (authorizationUrl: string) => string = provider.authorize) {
    const browser = createBrowser();
    const query = new URLSearchParams({ redirect_to: welcome });
    const begun = await browser.visit(`${url}/auth/oauth/${name}/authorize?${query.toString()}`);
    const ended = await browser.visit(decide(locationOf(begun).href).replace(issuer, url));
    answers.push(JSON.stringify([...begun.headers, ...ended.headers, await ended.text()]));
    const token = browser.cookies.get("refresh_token");
    const session = token && (await api.post("/auth/refresh", { cookie: `refresh_token=${token}` }));
    return { location: locationOf(ended).href, user: session ? session.json.data.user : undefined };
  }

  async function userOf(body: object) {
    const answer = await exchange(body);
    expect([answer.status, answer.json.error_code]).toEqual([200, undefined]);
    return answer.json.data.user;
  }

  const ways = {
    "the browser": async () => {
      const { location, user } = await browse();
      expect(location).toBe(`${welcome}#`);
      return user;
    },
    "a code of the app's own redirect": () => userOf(provider.grantTo(appUrl)),
    "a code of our callback URL": () => userOf(provider.grantTo(`${issuer}/auth/oauth/${name}/callback`)),
    "an access token": () => userOf({ access_token: provider.mint() }),
  };

  async function countRows(): Promise<number[]> {
    const db = services.database.queries.withTables<{ users: { id: string }; identities: { id: string } }>();
    const users = await db.selectFrom("users").select("id").execute();
    return [users.length, (await db.selectFrom("identities").select("id").execute()).length];
  }

  /** Expects a refusal that makes nobody. */
  async function expectRefusal(body: object, [status, code]: readonly [number, string]): Promise<void> {
    const before = await countRows();
    const answer = await exchange(body);
    expect([answer.status, answer.json.error_code]).toEqual([status, code]);
    expect(await countRows()).toEqual(before);
  }

  return { answers, exchange, browse, userOf, ways, expectRefusal };
}
