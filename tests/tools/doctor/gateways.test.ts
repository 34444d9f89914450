import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startService } from "../../support/service.ts";
import { app, examine } from "./examine.ts";
import { startStandIn, type Alter, type Passing } from "./stand-in.ts";

const standIn = await startStandIn();
const service = await startService({ ISSUER: standIn.url, FRONTEND_URL: app });
standIn.upstream = service.url;

beforeEach(() => {
  standIn.alter = () => undefined;
});
afterEach(() => void vi.unstubAllGlobals());

const at =
  (route: string, change: (passing: Passing) => void): Alter =>
  (passing, { url = "" }) => {
    if (url === route) change(passing);
  };
const set = (name: string, value: string) => (passing: Passing) => passing.headers.set(name, value);
const drop = (name: string) => (passing: Passing) => passing.headers.delete(name);
const rewrite = (text: string | RegExp, by: string) => (passing: Passing) =>
  void (passing.body = passing.body.replace(text, by));
const cookie = (text: string | RegExp, by: string) => (passing: Passing) => {
  const cookies = passing.headers.getSetCookie();
  passing.headers.delete("set-cookie");
  for (const line of cookies) passing.headers.append("set-cookie", line.replace(text, by));
};
const keySet = "/.well-known/jwks.json";
const metadata = "/.well-known/openid-configuration";

describe("npm run doctor, behind a gateway that", () => {
  test.each<[string, Alter, string, RegExp, RegExp]>([
    [
      "is no Latchkey",
      at("/health/live", rewrite("alive", "ok")),
      "api",
      /not as Latchkey does/,
      /make --api the address/,
    ],
    ["redirects", at("/health/live", (it) => void (it.status = 302)), "api", /answers 302/, /make --api/],
    [
      "answers health itself",
      at("/health", rewrite(/"checks".*\}/, "")),
      "health",
      /not as Latchkey does/,
      /make --api/,
    ],
    ["invents an issuer", at(metadata, rewrite("http:", "https:")), "issuer", /says https:/, /set ISSUER to http:/],
    [
      "sends control characters",
      at(metadata, rewrite('"http:', String.raw`"\u001b[31m`)),
      "issuer",
      /says \?\[31m/,
      /ISSUER/,
    ],
    ["rewrites jwks_uri", at(metadata, rewrite("/jwks", "/keys")), "issuer", /jwks_uri is/, /as it is/],
    ["has no metadata", at(metadata, (it) => void (it.status = 404)), "issuer", /answers 404/, /make --api/],
    ["loses the keys", at(keySet, (it) => void (it.body = "{}")), "keys", /answers 200/, /make --api/],
    ["publishes a private key", at(keySet, rewrite('"kty"', '"d":"x","kty"')), "keys", /private key/, /npm run keys/],
    [
      "doubles a key",
      at(keySet, (it) => {
        const { keys } = JSON.parse(it.body) as { keys: object[] };
        it.body = JSON.stringify({ keys: [...keys, keys[0]] });
      }),
      "keys",
      /kid of their own/,
      /as it is/,
    ],
    [
      "caches keys for a day",
      at(keySet, set("cache-control", "max-age=86400")),
      "keys",
      /86400 seconds/,
      /Cache-Control/,
    ],
    ["takes Cache-Control away", at(keySet, drop("cache-control")), "keys", /any number of seconds/, /Cache-Control/],
    [
      "has another time",
      at("/health/live", set("date", new Date(Date.now() - 300_000).toUTCString())),
      "clock",
      /\d\d\d seconds apart/,
      /set the clock/,
    ],
    [
      "allows every origin",
      at("/auth/login", set("access-control-allow-origin", "*")),
      "cors",
      /any origin may call/,
      /leave CORS to the service/,
    ],
    [
      "takes CORS away",
      at("/auth/login", drop("access-control-allow-origin")),
      "cors",
      /may not call the API/,
      /FRONTEND_URL/,
    ],
    ["allows no credentials", drop("access-control-allow-credentials"), "cors", /may not send cookies/, /leave CORS/],
    ["allows no JSON", set("access-control-allow-headers", "authorization"), "cors", /may not send JSON/, /leave CORS/],
    ["allows no POST", set("access-control-allow-methods", "GET"), "cors", /may not send JSON by POST/, /leave CORS/],
    ["takes cookies away", drop("set-cookie"), "cookies", /clears no cookie/, /pass Set-Cookie through/],
    ["gives cookies a domain", cookie(/$/, "; Domain=localhost"), "cookies", /altered on its way/, /as it is/],
    ["makes cookies cross-site", cookie(/SameSite=Lax/i, "SameSite=None"), "cookies", /altered on its way/, /as it is/],
    ["lets scripts read cookies", cookie(/; HttpOnly/i, ""), "cookies", /altered on its way/, /as it is/],
    [
      "names cookies as over https",
      cookie(/^/, "__Host-"),
      "cookies",
      /over http the cookie is called __Host-/,
      /set ISSUER/,
    ],
    [
      "hides answers",
      at("/auth/logout", drop("access-control-allow-origin")),
      "cookies",
      /cannot read/,
      /CORS headers/,
    ],
    [
      "takes nosniff away",
      drop("x-content-type-options"),
      "headers",
      /changed: X-Content-Type-Options/,
      /pass the headers/,
    ],
    [
      "lets answers be kept",
      at("/health/live", set("cache-control", "max-age=5")),
      "headers",
      /changed: Cache-Control/,
      /pass/,
    ],
    ["varies by nothing", set("vary", "Accept-Encoding"), "headers", /changed: Vary/, /pass the headers/],
  ])("%s, is told so", async (_what, alter, about, text, change) => {
    standIn.alter = alter;
    const found = await examine(standIn.url);
    expect(found.isGood).toBe(false);
    const [, told, advice] = new RegExp(`^fault +${about} +(.*)\n +(.*)$`, "m").exec(found.text) ?? [];
    expect(told, found.text).toMatch(text);
    expect(advice).toMatch(change);
    // Nothing else is blamed.
    const blamed = [...found.text.matchAll(/^fault +(\S+)/gm)].map(([, name]) => name);
    expect([...new Set(blamed)]).toEqual([about]);
  });

  test("publishes no key, as with ALGORITHM=HS256, is a warning", async () => {
    standIn.alter = at(keySet, (it) => void (it.body = '{"keys":[]}'));
    const { isGood, text } = await examine(standIn.url);
    expect([isGood, text]).toEqual([true, expect.stringMatching(/^warning +keys +no public key.*\n.*set ALGORITHM/m)]);
  });

  test("has no Date, or one a little apart, is warned of", async () => {
    standIn.alter = at("/health/live", drop("date"));
    expect((await examine(standIn.url)).text).toMatch(/^warning +clock +answers have no Date header/m);
    standIn.alter = at("/health/live", set("date", new Date(Date.now() - 10_000).toUTCString()));
    const { isGood, text } = await examine(standIn.url);
    expect([isGood, text]).toEqual([true, expect.stringMatching(/^warning +clock +(?:8|9|10) seconds apart/m)]);
  });

  test("a name of the internet, over plain http, seen through a proxy's address, shows both", async () => {
    const real = fetch;
    // The name is nobody's: it stands for the service at hand.
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      real(url.replace("http://auth.example.com", standIn.url), init),
    );
    standIn.alter = at("/health", rewrite('"127.0.0.1"', '"10.0.0.4"'));
    const { text } = await examine("http://auth.example.com");
    expect(text).toMatch(
      /^warning +hops +the service takes a private address for yours: 10\.0\.0\.4\n.*TRUSTED_PROXY_HOPS higher/m,
    );
    expect(text).toMatch(/^fault +headers +the API is reached over plain http\n.*https only/m);
  });
});
