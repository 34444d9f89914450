import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { newDevice } from "../support/people.ts";
import { startSocialService } from "../support/social.ts";

const { url, api, logLines } = await startSocialService();
const device = await newDevice(api);
const runs = 10_000;
const inFlight = 20;

const routes = [
  ...catalogue().map(({ route }) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`),
  "/no/such/thing",
];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const fieldName = fc.constantFrom(
  "email",
  "username",
  "password",
  "transport",
  "refresh_token",
  "scope",
  "code",
  "redirect_uri",
  "code_verifier",
  "id_token",
  "nonce",
  "access_token",
  "redirect_to",
  "__proto__",
  "constructor",
  "x",
);
const almostValid = fc.dictionary(
  fieldName,
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("a@example.com", "body", "global", device.refreshToken),
    fc.jsonValue(),
  ),
);
const body = fc.oneof(
  { weight: 4, arbitrary: almostValid.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: almostValid.map((value) => JSON.stringify(value).slice(0, -1)) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const headerValue = fc.string({ unit: fc.constantFrom(..."abcXYZ019 ,;=:/*\"'()[]{}<>@%&?.-_~+") });
const headers = fc.record(
  {
    "Content-Type": fc.oneof(
      fc.constantFrom("application/json", "application/json; charset=utf-8", "text/plain"),
      headerValue,
    ),
    Authorization: fc.oneof(
      fc.constant(`Bearer ${device.accessToken}`),
      headerValue,
      headerValue.map((text) => `Bearer ${text}`),
    ),
    Cookie: fc.oneof(fc.constant(`refresh_token=${"x".repeat(43)}`), headerValue),
    Origin: fc.oneof(fc.constantFrom("http://localhost:3000", "null"), headerValue),
    Accept: headerValue,
    "Sec-Fetch-Site": fc.constantFrom("cross-site", "same-origin", "none"),
    "X-Forwarded-For": headerValue,
    "X-Request-Id": headerValue,
    "User-Agent": headerValue,
    "Access-Control-Request-Method": headerValue,
  },
  { requiredKeys: [] },
);
const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...routes) },
  { weight: 1, arbitrary: fc.webPath() },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...routes), fc.webQueryParameters())
      .map(([route, query]) => `${route}?${query}`),
  },
);
const request = fc.record({ method: fc.constantFrom(...methods), path, headers, body });

interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array | undefined;
}

async function statusOf({ method, path: target, headers: sent, body: content }: RandomRequest): Promise<number> {
  const hasBody = content !== undefined && method !== "GET" && method !== "HEAD";
  const response = await fetch(url + target, {
    method,
    headers: sent,
    ...(hasBody && { body: content as string }),
    redirect: "manual",
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.status;
}

describe(`${runs} random requests`, () => {
  test("none is answered 500, none hangs, and the service still works", { timeout: 600_000 }, async () => {
    const counts = new Map<number, number>();
    const batch = fc.array(request, { minLength: inFlight, maxLength: inFlight });
    await fc.assert(
      fc.asyncProperty(batch, async (requests) => {
        const statuses = await Promise.all((requests as RandomRequest[]).map(statusOf));
        for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
        expect(statuses.filter((status) => status >= 500)).toEqual([]);
      }),
      { numRuns: runs / inFlight, endOnFailure: true },
    );
    // A run that met one kind of answer alone would prove little.
    for (const status of [200, 204, 400, 401, 403, 404, 405, 415, 422])
      expect(counts.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(0);
    expect((await api.get("/auth/me", { bearer: (await newDevice(api)).accessToken })).status).toBe(200);
    expect(logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
