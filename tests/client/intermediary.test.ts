import { describe, expect, test } from "vitest";
import { password } from "../support/people.ts";
import { serveProvider } from "../support/providers/serve.ts";
import { startService } from "../support/service.ts";
import { controlDeviceTime } from "./device-time.ts";
import { createDevice } from "./device.ts";

const service = await startService();
const { until, signedIn } = controlDeviceTime(service);

const page = (status: number) => () => new Response("<h1>Sorry</h1>", { status });
const json = (body: unknown, status: number) => () => Response.json(body, { status });

/** What stands between a client and the service answers in its name. */
const answers: readonly (readonly [string, () => Response, number])[] = [
  ["a firewall's bare 403", () => new Response(null, { status: 403 }), 403],
  ["a firewall's page", page(403), 403],
  ["a firewall's 406", page(406), 406],
  [
    "a gateway's own 401",
    json({ statusCode: 401, message: "Access denied due to missing subscription key." }, 401),
    401,
  ],
  ["a gateway's 404", json({ error: { code: "NotFound" } }, 404), 404],
  ["a gateway's 413", page(413), 413],
  ["a gateway's 429", page(429), 429],
  ["a gateway's 502", page(502), 502],
  ["an edge's JSON", json({ success: false, errors: [{ code: 1020 }], messages: [] }, 403), 403],
  ["an edge's problem details", json({ title: "Error 1020", status: 403, error_code: 1020, message: "No" }, 403), 403],
  ["a captive portal's page", page(200), 200],
  ["an empty 200", () => new Response(null, { status: 200 }), 200],
  ["a mock's 200", json({ success: true }, 200), 200],
  ["no JSON object", json(null, 500), 500],
  ["a list", json([], 400), 400],
  ["half an answer", () => new Response('{"success":true,"status_code":200,"data":{"acc'), 200],
];

describe("15.22 what answers in place of the service", () => {
  test.each(answers)("%s is BLOCKED_BY_INTERMEDIARY, and nobody is signed out", async (_what, answer, status) => {
    const { device, client, email } = await signedIn();
    device.way = async () => answer();
    for (const call of [() => client.login({ email, password }), () => client.me(), () => client.logout()])
      await expect(call()).rejects.toMatchObject({ name: "LatchkeyError", code: "BLOCKED_BY_INTERMEDIARY", status });
    const before = device.count("/auth/refresh");
    const refreshing = client.refresh().catch((error: unknown) => error);
    let isOver = false;
    void refreshing.then(() => (isOver = true));
    await until(() => isOver);
    expect(await refreshing).toMatchObject({ code: "BLOCKED_BY_INTERMEDIARY", status });
    // A refusal is final, and what may pass is tried again.
    const isFinal = status >= 400 && status < 500 && status !== 429;
    const refreshes = device.count("/auth/refresh") - before;
    expect(isFinal ? refreshes === 1 : refreshes > 1).toBe(true);
    device.way = undefined;
    expect([client.user?.email, (await client.refresh())?.email]).toEqual([email, email]);
  });

  test("a gateway that has come back: the refresh succeeds as if nothing had been", async () => {
    const { device, client, email } = await signedIn();
    device.way = () => (device.count("/auth/refresh") < 2 ? Promise.resolve(page(502)()) : undefined);
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") === 3);
    expect((await refreshing)?.email).toBe(email);
  });

  test("a redirect to somebody's sign-in page is one, and is not followed", async () => {
    const gate = await serveProvider(() => ({ status: 302, headers: { Location: "/login" } }));
    const client = createDevice(service.url).open({ baseUrl: gate.url, fetch });
    await expect(client.providers()).rejects.toMatchObject({ code: "BLOCKED_BY_INTERMEDIARY" });
    expect(gate.asked).toEqual(["GET /auth/oauth/providers"]);
  });

  test("what the service itself refuses keeps its code", async () => {
    const { client, email } = await signedIn();
    await expect(client.login({ email, password: "not this one, alas" })).rejects.toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
  });
});
