import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { createRawClient } from "../support/blocking.ts";
import { newDevice } from "../support/people.ts";
import { startSocialService } from "../support/social.ts";
import { randomRequest, type RandomRequest } from "../support/random-requests.ts";
import { whenDone } from "../support/when-done.ts";

const { url, api, logLines } = await startSocialService();
const device = await newDevice(api);
const runs = 10_000;
const inFlight = 20;

const routes = [
  ...catalogue().map(({ route }) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`),
  "/no/such/thing",
];

/** As many callers as requests in flight: a client that checks requests itself takes longer for each than the service. */
const callers = Array.from({ length: inFlight }, () => createRawClient(Number(new URL(url).port)));
whenDone(() => callers.forEach(({ close }) => close()));

async function statusOf({ path: target, body, ...request }: RandomRequest, caller: number): Promise<number> {
  const { pathname, search } = new URL(url + target);
  const content = typeof body === "string" || body === undefined ? body : Buffer.from(body);
  const timeout = new AbortController();
  const hangs = sleep(10_000, undefined, { signal: timeout.signal }).then(() => "hangs" as const);
  const answer = callers[caller]?.send({ ...request, path: pathname + search, body: content });
  const status = await Promise.race([answer, hangs]);
  timeout.abort();
  hangs.catch(() => undefined);
  if (typeof status !== "number") throw new Error(`${request.method} ${target}: ${status ?? "no answer"}`);
  return status;
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
