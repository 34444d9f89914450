import { describe, expect, test } from "vitest";
import { newDevice, password, registerPerson } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const apps = [
  "capacitor://localhost",
  "tauri://localhost",
  "app://.",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
];
const { api } = await startService({ ALLOWED_ORIGINS: apps.join(",") });

const preflight = (origin: string) =>
  api.send("OPTIONS", "/auth/login", {
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type,authorization",
    },
  });

describe("15.15 an app in a WebView, whose origin is listed,", () => {
  test.each(apps)("%s: may sign in, refresh and read the answers", async (origin) => {
    const allowed = { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" };
    const headers = { Origin: origin, "Sec-Fetch-Site": "cross-site" };
    const told = await preflight(origin);
    expect([told.status, Object.fromEntries(told.headers)]).toMatchObject([204, allowed]);
    const email = await registerPerson(api);
    const login = await api.post("/auth/login", { body: { email, password, transport: "body" }, headers });
    expect([login.status, Object.fromEntries(login.headers)]).toMatchObject([200, allowed]);
    const refreshed = await api.post("/auth/refresh", {
      body: { refresh_token: login.json.data.refresh_token },
      headers,
    });
    expect([refreshed.status, Object.fromEntries(refreshed.headers)]).toMatchObject([200, allowed]);
  });

  test.each([
    "null",
    "capacitor://localhost2",
    "CAPACITOR://localhost",
    "capacitor://LOCALHOST",
    "capacitor://localhost/",
    "capacitor://localhost:80",
    "ionic://localhost",
    "chrome-extension://bbcdefghijklmnopabcdefghijklmnop",
    "localhost",
    "app://",
  ])("%s is another, and is refused", async (origin) => {
    const device = await newDevice(api);
    const answer = await api.post("/auth/refresh", { cookie: device.cookie, headers: { Origin: origin } });
    expect([answer.status, answer.json.error_code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    expect((await preflight(origin)).headers.has("access-control-allow-origin")).toBe(false);
  });
});
