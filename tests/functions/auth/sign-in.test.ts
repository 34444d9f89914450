import { describe, expect, test } from "vitest";
import { startService } from "../../support/service.ts";

const { api } = await startService();

const password = "correct horse battery";

describe("the main path", () => {
  test("a person registers, logs in, reads me, refreshes and logs out", async () => {
    const registered = await api.post("/auth/register", {
      body: { email: "Ada@Example.com", username: "Ada", password },
    });
    expect(registered.status).toBe(201);
    const loggedIn = await api.post("/auth/login", {
      body: { email: "ada@example.com", password },
    });
    expect(loggedIn.json).toMatchObject({ success: true });
    expect(loggedIn.status).toBe(200);
    const me = await api.get("/auth/me", { bearer: loggedIn.json.data.access_token });
    expect(me.json.data.user.email).toBe("Ada@Example.com");
    const refreshed = await api.post("/auth/refresh", { cookie: loggedIn.cookie });
    expect(refreshed.status).toBe(200);
    const loggedOut = await api.post("/auth/logout", { cookie: refreshed.cookie });
    expect(loggedOut.status).toBe(200);
    const gone = await api.get("/auth/me", { bearer: refreshed.json.data.access_token });
    expect(gone.json.error_code).toBe("UNAUTHENTICATED");
  });
});
