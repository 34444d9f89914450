// What holds for every endpoint, whatever it does: generated from the catalogue.
import { describe, expect, test } from "vitest";
import { catalogue, endpointsAt, takesHead, type CatalogueEntry } from "../../../shared/http/catalogue.ts";
import { formBody } from "../../../shared/http/form-body.ts";
import { oauth } from "../../../shared/http/formats/oauth.ts";
import { provideServices } from "../../../shared/services.ts";
import { documentedOperations, type Operation } from "../../../tools/interop/operations.ts";
import { claimsOf, clientToken, newClient } from "../../support/clients.ts";
import { meStatus, newDevice } from "../../support/people.ts";
import { anId, pathOf } from "../../support/routes.ts";
import { withSettings } from "../../support/service.ts";
import { startSocialService } from "../../support/social.ts";
import { whenDone } from "../../support/when-done.ts";

const service = await startSocialService();
const { api, services, logLines } = service;
const [device, stranger, ended] = [await newDevice(api), await newDevice(api), await newDevice(api)];
const signedIn = { bearer: device.accessToken, cookie: device.cookie };
await api.post("/auth/logout", { bearer: ended.accessToken });
const ofClient = await clientToken(api, await newClient(service));

/** The endpoints of which this is true. */
const those = (isOne: (entry: CatalogueEntry) => boolean) =>
  catalogue()
    .filter(isOne)
    .map((entry) => [entry.method, pathOf(entry), entry] as const);

describe.each(those(() => true))("%s %s", (method, path, entry) => {
  const taken = endpointsAt(path).flatMap((one) => (takesHead(one) ? ["GET", "HEAD"] : [one.method]));
  const allow = [...taken.toSorted(), "OPTIONS"].join(", ");

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"].filter((other) => !taken.includes(other)))(
    "a %s is 405 with Allow",
    async (other) => {
      const answer = await api.send(other, path);
      expect([answer.status, answer.json.error_code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
      expect(answer.headers.get("allow")).toBe(allow);
    },
  );

  test("a plain OPTIONS says what is allowed", async () => {
    const answer = await api.send("OPTIONS", path);
    expect([answer.status, answer.headers.get("allow")]).toEqual([204, allow]);
  });

  test("ASVS 3.4: a preflight is answered for a listed origin, with its methods, and remembered", async () => {
    const headers = {
      Origin: "http://localhost:3000",
      "Access-Control-Request-Method": method,
      "Access-Control-Request-Headers": "authorization",
    };
    const answer = await api.send("OPTIONS", path, { headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toContain(method);
    const allowed =
      "Authorization, Content-Type, Accept, traceparent, tracestate, baggage, Request-Id, Request-Context";
    expect(answer.headers.get("access-control-allow-headers"), "15.21").toBe(allowed);
    expect(Number(answer.headers.get("access-control-max-age"))).toBeGreaterThan(0);
    expect(answer.headers.get("access-control-allow-origin")).toBe(
      entry.format.cors === "any" ? "*" : "http://localhost:3000",
    );
    expect(answer.headers.get("access-control-allow-credentials")).toBe(entry.format.cors === "any" ? null : "true");
  });

  test.each(["https://evil.example", "null", "http://localhost:3000.evil.example", "http://LOCALHOST:3000"])(
    "ASVS 3.4: a preflight from %s is refused",
    async (origin) => {
      const answer = await api.send("OPTIONS", path, {
        headers: { Origin: origin, "Access-Control-Request-Method": method },
      });
      expect(answer.status).toBe(entry.format.cors === "any" ? 204 : 403);
      expect(answer.headers.get("access-control-allow-origin")).toBe(entry.format.cors === "any" ? "*" : null);
    },
  );

  test("the matrix: an anonymous call meets authentication exactly where the catalogue says so", async () => {
    const answer = await api.send(method, path, method === "GET" ? {} : { body: {} });
    const isUnauthenticated = answer.json?.error_code === "UNAUTHENTICATED";
    expect(isUnauthenticated).toBe(entry.access === "session");
    const form = { token: "x", grant_type: "client_credentials" };
    const unnamed =
      entry.format === oauth && method === "POST" ? (await api.post(path, { form })).json.error : undefined;
    expect(unnamed).toBe(entry.access === "client" ? "invalid_client" : undefined);
  });

  test("an answer can be read from a listed origin alone, which learns its limits and X-Request-Id", async () => {
    const listed = await api.send(method, path, { headers: { Origin: "http://localhost:3000" } });
    expect(listed.headers.get("access-control-allow-origin")).toBe(
      entry.format.cors === "any" ? "*" : "http://localhost:3000",
    );
    expect(listed.headers.get("access-control-expose-headers")).toBe(
      "RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
    );
    for (const Origin of ["https://evil.example", "null"]) {
      const foreign = await api.send(method, path, { headers: { Origin } });
      expect(foreign.headers.get("access-control-allow-origin"), Origin).toBe(entry.format.cors === "any" ? "*" : null);
    }
  });
});

describe("ASVS 3.5: with the refresh cookie, a call from a foreign page is refused:", () => {
  test.each(those(({ usesCookies, confirmation }) => usesCookies === true || confirmation !== undefined))(
    "%s %s",
    async (method, path) => {
      for (const headers of [
        { Origin: "null" },
        { Origin: "https://evil.example" },
        { "Sec-Fetch-Site": "cross-site" },
      ]) {
        const answer = await api.send(method, path, { ...(method !== "GET" && { body: {} }), headers, ...signedIn });
        expect([answer.status, answer.json.error_code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
      }
    },
  );
});

test.each(those(({ body }) => body !== undefined))(
  "%s %s: a body that is half, of another type or too large is 400, 415 or 413",
  async (method, path, entry) => {
    for (const [what, status, body, headers] of badBodies(entry))
      expect((await api.send(method, path, { body, headers, ...signedIn })).status, what).toBe(status);
  },
);

test.each(those(({ access }) => access === "session"))(
  "%s %s: a person's token opens it, one of an ended session or of a client does not",
  async (method, path) => {
    const callBy = (bearer: string) => api.send(method, path, { bearer, ...(method !== "GET" && { body: {} }) });
    expect((await callBy(device.accessToken)).status).not.toBe(401);
    for (const bearer of [ended.accessToken, ofClient])
      expect((await callBy(bearer)).json.error_code).toBe("UNAUTHENTICATED");
  },
);

test.each(those(({ access, route }) => access === "session" && route.includes("{id}")))(
  "%s %s: what is another's is not there",
  async (method, path) => {
    const { sid } = claimsOf(stranger.accessToken);
    const body = { ...(path.endsWith("/confirm") && { code: "000000" }), ...(method === "PATCH" && { name: "Mine" }) };
    const answer = await api.send(method, path.replace(anId, sid), { body, ...signedIn });
    expect([answer.status, answer.json.error_code]).toEqual([404, "NOT_FOUND"]);
    expect(await meStatus(api, stranger)).toBe(200);
  },
);

describe("every endpoint", () => {
  test("ASVS 3.4.1: over https it says for two years that it is reached by https alone; over http it does not", async () => {
    const policies = () =>
      Promise.all(
        catalogue().map(async (entry) =>
          (await api.send(entry.method, pathOf(entry))).headers.get("strict-transport-security"),
        ),
      );
    expect(new Set(await policies())).toEqual(new Set([null]));
    withSettings(service, { ISSUER: "https://auth.example.com" });
    expect(new Set(await policies())).toEqual(new Set(["max-age=63072000; includeSubDomains"]));
  });

  test.each(documentedOperations().map((one) => [one.method, one.route, one] as const))(
    "%s %s: without its database it is 503 with Retry-After, or needs none",
    async (_method, _route, operation) => {
      withSettings(service, { EMBEDDED_DB_FILE: "/dev/null/latchkey.db" });
      const { status, headers } = await call(operation);
      const needsIt = operation.credentials.some((one) => one !== "refresh_token");
      if (needsIt) expect(status).toBe(503);
      if (status >= 500) expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    },
  );

  test("ASVS 16.5.1: a bug in it is an opaque 500, and its cause stands in the log alone", async () => {
    const working = new Set<PropertyKey>(["config", "clock", "database"]);
    provideServices(
      new Proxy(services, {
        get(target, name) {
          if (working.has(name)) return Reflect.get(target, name);
          throw new Error("inner workings");
        },
      }),
    );
    whenDone(() => provideServices(services));
    logLines.length = 0;
    const answers = await Promise.all(documentedOperations().map(call));
    const broken = answers.filter(({ status }) => status >= 500);
    expect(broken.length).toBeGreaterThan(30);
    expect(new Set(broken.map(({ status }) => status))).toEqual(new Set([500]));
    expect(logLines.filter((line) => line.includes("inner workings"))).toHaveLength(broken.length);
    for (const { json, headers } of broken)
      expect(JSON.stringify([json, ...headers])).not.toMatch(/inner workings|\.ts\b|\bat \S+:\d+/);
  });
});

/** Makes a documented call: signed in, or with the client's secret in its form. */
function call({ method, route, query, body, isForm, credentials }: Operation) {
  const path = `${pathOf({ route })}?${new URLSearchParams(query).toString()}`;
  const content = isForm && body ? { form: body } : { body };
  return api.send(method, path, { ...content, ...(!credentials.includes("client") && signedIn) });
}

type BadBody = readonly [what: string, status: number, body: string, headers: Record<string, string>];

/** Bodies that are none of this endpoint. The JSON of an OAuth call is `invalid_request`. */
function badBodies({ format }: CatalogueEntry): BadBody[] {
  const own = { "Content-Type": format.body.mediaType };
  const isForm = format.body === formBody;
  return [
    [isForm ? "a repeated parameter" : "half a JSON text", 400, isForm ? "token=a&token=b" : '{"', own],
    ["a text", isForm ? 400 : 415, "{}", { "Content-Type": "text/plain" }],
    ["one of 64 KiB and a byte", 413, " ".repeat(65_537), own],
  ];
}
