import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { newDevice } from "../support/people.ts";
import { startSocialService } from "../support/social.ts";
import { randomRequest, type RandomRequest } from "../support/random-requests.ts";

const { url, api, logLines } = await startSocialService();
const device = await newDevice(api);
const runs = 10_000;
const inFlight = 20;

const routes = [
  ...catalogue().map(({ route }) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`),
  "/no/such/thing",
];

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
    const batch = fc.array(randomRequest(routes, device), { minLength: inFlight, maxLength: inFlight });
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
