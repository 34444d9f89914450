import { expect, test } from "vitest";
import { catalogue, type CatalogueEntry } from "../../shared/http/catalogue.ts";
import { formBody } from "../../shared/http/form-body.ts";
import { createSigningKeyQueries } from "../../shared/tokens/keys/signing-key-queries.ts";
import type { ApiRequest } from "../support/api.ts";
import { memberNames } from "../support/hostile.ts";
import { toDevice } from "../support/people.ts";
import { clientSecret } from "../support/providers/issuer.ts";
import { pathOf } from "../support/routes.ts";
import { home, startSocialService } from "../support/social.ts";
import { testSecretKey } from "../support/settings.ts";

const { api, clock, logLines, services } = await startSocialService();
const email = "canary@example.com";

test("ASVS 16.2.5: passwords, tokens, cookies and keys appear in no log line and no error", async () => {
  const canaries = new Set<string>([testSecretKey, clientSecret]);
  const answers: string[] = [];
  const chosen = "canary-password-3f9c";
  canaries.add(chosen);
  await api.post("/auth/register", { body: { email, username: "Canary", password: chosen } });
  const login = toDevice(email, await api.post("/auth/login", { body: { email, password: chosen } }));
  const refreshed = toDevice(email, await api.post("/auth/refresh", { cookie: login.cookie }));
  for (const device of [login, refreshed])
    for (const secret of [device.accessToken, device.refreshToken]) canaries.add(secret);

  // Every endpoint gets the secrets in every place, right and wrong.
  for (const entry of catalogue())
    for (const secret of [chosen, login.accessToken, login.refreshToken])
      for (const [query, request] of callsWith(secret, entry, {
        bearer: secret,
        cookie: `refresh_token=${secret}; other=${secret}`,
        headers: { "X-Api-Key": secret },
      })) {
        const answer = await api.send(entry.method, pathOf(entry) + query, request);
        if (answer.status >= 400) answers.push(JSON.stringify(answer.json));
        // A provider's form is repeated as a visit with the same parameters: that is what it is for.
        if (entry.name !== "social-callback-form") answers.push(answer.headers.get("location") ?? "");
      }
  for (const entry of catalogue())
    await api.send("PUT", `${pathOf(entry).replace(/\/$/, "")}/${chosen}`, { bearer: login.accessToken });
  clock.advance(3600);
  await api.get("/auth/me", { bearer: login.accessToken });
  await api.post("/auth/refresh", { cookie: login.cookie });

  const [key] = await createSigningKeyQueries(services.database.queries).list();
  canaries.add(String(key?.sealed_private_key.toString("base64")));
  canaries.add(String((await services.accounts.findClaims(email, services.clock.now())).account?.passwordHash));
  expect(logLines.length).toBeGreaterThan(50);
  const text = [...logLines, ...answers].join("\n");
  for (const canary of canaries) expect(text.includes(canary), `${canary.slice(0, 12)}…`).toBe(false);
  expect(text).not.toMatch(/\$argon2|"d":|BEGIN [A-Z ]*PRIVATE/);
});

test("ASVS 16.4.1: whatever line breaks a call has, a log line is one line of JSON, and no header is added", async () => {
  logLines.length = 0;
  const breaks = '\r\nSet-Cookie: planted=1\r\n\u2028{"event":"planted"}';
  const headers = { Accept: "text/html", "User-Agent": encodeURIComponent(breaks) };
  for (const entry of catalogue())
    for (const [query, request] of callsWith(breaks, entry, { headers })) {
      const answer = await api.send(entry.method, pathOf(entry) + query, request);
      expect(answer.headers.get("set-cookie") ?? "").not.toContain("planted");
    }
  expect(logLines.length).toBeGreaterThan(50);
  for (const line of logLines) {
    expect(line).not.toMatch(/[\r\n\u2028]/);
    expect(JSON.parse(line)).not.toMatchObject({ event: "planted" });
  }
});

/** Members that together get past an endpoint's first checks. */
const together = [
  ["email", "password"],
  ["email", "password", "username"],
  ["email", "code"],
  ["token"],
  ["token", "password"],
  ["current_password", "password"],
  ["refresh_token"],
  ["id_token", "nonce"],
  ["code", "redirect_uri", "code_verifier"],
  ["access_token"],
  ["grant_type", "scope", "client_id", "client_secret"],
];
/** Members that only work if they are right. */
const right = { email, redirect_uri: home, grant_type: "client_credentials" };

/** Calls with a text in the query and in the members of the body: those that the endpoint has, and others. */
function callsWith(text: string, entry: CatalogueEntry, always: ApiRequest): [query: string, ApiRequest][] {
  const queries = [...memberNames(entry.query), "x"].map((name) => `?${name}=${encodeURIComponent(text)}`);
  const names = memberNames(entry.body);
  const known = together.filter((some) => some.every((name) => names.includes(name)));
  const filled = [names, ...known].map((some) => Object.fromEntries(some.map((name) => [name, text])));
  const fields = [...filled, ...filled.map((some) => withRight(some)), { [text]: text }];
  const { mediaType, alsoTakes = [] } = entry.format.body;
  const takesForms = [mediaType, ...alsoTakes].includes(formBody.mediaType);
  const bodies: ApiRequest[] = [...fields.map((body) => ({ body })), { body: `{"${text}":` }];
  const forms: ApiRequest[] = takesForms ? fields.map((form) => ({ form })) : [];
  const contents = entry.method === "GET" ? [] : [...bodies, ...forms];
  return [
    ...queries.map((query): [string, ApiRequest] => [query, always]),
    ...contents.map((content): [string, ApiRequest] => ["", Object.assign({}, always, content)]),
  ];
}

function withRight(fields: Record<string, string>): Record<string, string> {
  const verifier = fields["code_verifier"]?.slice(0, 128).padEnd(43, "x");
  const all = { ...right, ...(verifier !== undefined && { code_verifier: verifier }) };
  return { ...fields, ...Object.fromEntries(Object.entries(all).filter(([name]) => name in fields)) };
}
