import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { referenceEngine, type PasswordEngine } from "../../../shared/passwords/engine.ts";
import { createPasswords } from "../../../shared/passwords/passwords.ts";
import { loadConfig } from "../../../shared/config.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createServices, provideServices } from "../../../shared/services.ts";
import { createTestServices, startService } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";
import { newDevice, password, registerPerson, signIn } from "../../support/people.ts";
import { whenDone } from "../../support/when-done.ts";

const { api, services, clock, logLines } = await startService();

async function deactivate(email: string): Promise<void> {
  const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
  await db.updateTable("users").set({ is_active: false }).where("email", "=", email).execute();
}

describe("POST /auth/login", () => {
  test("by default, the refresh token is a cookie and not in the body", async () => {
    const email = await registerPerson(api);
    const answer = await api.post("/auth/login", { body: { email: email.toUpperCase(), password } });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json.data).toSorted()).toEqual(["access_token", "expires_in", "token_type", "user"]);
    expect(answer.json.data).toMatchObject({
      token_type: "bearer",
      expires_in: 1800,
      user: { email, last_login: clock.now().toISOString() },
    });
    expect(answer.setCookies).toEqual([
      expect.stringMatching(/^refresh_token=[\w-]{43}; max-age=604800; path=\/; samesite=lax; httponly$/),
      expect.stringMatching(/^latchkey_device=/),
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test('with transport "body", the refresh token is in the body and no cookie is set', async () => {
    const email = await registerPerson(api);
    const answer = await api.post("/auth/login", { body: { email, password, transport: "body" } });
    expect(answer.json.data.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(answer.setCookies).toEqual([]);
  });

  test("of a refresh token, only the SHA-256 is stored", async () => {
    const device = await newDevice(api);
    const db = services.database.queries.withTables<{ refresh_tokens: { token_hash: Buffer } }>();
    const hashes = (await db.selectFrom("refresh_tokens").select("token_hash").execute()).map((row) =>
      row.token_hash.toString("hex"),
    );
    expect(hashes).toContain(createHash("sha256").update(device.refreshToken).digest("hex"));
  });

  test("ASVS 6.3.8 enumeration: wrong password, unknown address and inactive account get one answer", async () => {
    const email = await registerPerson(api);
    const inactive = await registerPerson(api);
    await deactivate(inactive);
    const attempts = [
      { email, password: "not the right password" },
      { email: "nobody@example.com", password },
      { email: inactive, password },
    ];
    const answers = await Promise.all(attempts.map((body) => api.post("/auth/login", { body })));
    const [first] = answers;
    expect(first?.status).toBe(401);
    expect(first?.json).toMatchObject({
      error_code: "INVALID_CREDENTIALS",
      message: "The email address or the password is wrong",
      details: {},
    });
    const comparable = answers.map(({ status, headers, json }) => {
      const kept = [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
      return { status, json, headers: kept };
    });
    expect(new Set(comparable.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(first?.headers.get("www-authenticate")).toBe("Bearer");
  });

  test("ASVS 6.3.8: a refusal takes 50 ms at least, since a registration that waits costs a second hash", async () => {
    const waiting = vi.spyOn(clock, "wait").mockImplementation(systemClock.wait);
    whenDone(() => waiting.mockRestore());
    for (const email of ["nobody@example.com", await registerPerson(api)]) {
      const startedAt = performance.now();
      const { status } = await api.post("/auth/login", { body: { email, password: "not my pass phrase" } });
      // Timers and clocks round.
      expect([status, performance.now() - startedAt > 48]).toEqual([401, true]);
    }
  });

  test("ASVS 6.2.8: the password counts exactly as it was chosen", async () => {
    const chosen = ` pässword with spaces\u0000 ${"x".repeat(60)} `;
    const email = await registerPerson(api, { password: chosen });
    const attempt = async (typed: string) =>
      (await api.post("/auth/login", { body: { email, password: typed } })).status;
    expect(await attempt(chosen)).toBe(200);
    expect(await attempt(chosen.normalize("NFD"))).toBe(200);
    expect(await attempt(chosen.trim())).toBe(401);
    expect(await attempt(chosen.slice(0, 72))).toBe(401);
    expect(await attempt(chosen.replace("\u0000", ""))).toBe(401);
    expect(await attempt(chosen.toUpperCase())).toBe(401);
  });

  test("each sign-in is a session of its own", async () => {
    const email = await registerPerson(api);
    const [one, two] = [await signIn(api, email), await signIn(api, email)];
    await api.post("/auth/logout", { cookie: one.cookie });
    expect((await api.get("/auth/me", { bearer: one.accessToken })).status).toBe(401);
    expect((await api.get("/auth/me", { bearer: two.accessToken })).status).toBe(200);
  });

  test("RFC 9068: the access token is an at+jwt with the claims of the profile", async () => {
    const device = await newDevice(api);
    const [header, payload] = device.accessToken
      .split(".")
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()) as object);
    expect(header).toEqual({ alg: "RS256", typ: "at+jwt", kid: expect.any(String) });
    const issuedAt = Math.floor(clock.now().getTime() / 1000);
    expect(payload).toEqual({
      iss: "http://localhost:7071",
      aud: "http://localhost:7071",
      sub: expect.stringMatching(/^[\da-f-]{36}$/),
      client_id: "web",
      sid: expect.stringMatching(/^[\da-f-]{36}$/),
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      iat: issuedAt,
      exp: issuedAt + 1800,
      auth_time: issuedAt,
      acr: "aal1",
      amr: ["pwd"],
      status: { status_list: { idx: expect.any(Number), uri: "http://localhost:7071/.well-known/token-status/0" } },
    });
  });

  test("ASVS 3.5: a foreign page cannot sign its visitor in", async () => {
    const email = await registerPerson(api);
    const body = { email, password };
    const attempt = (headers: Record<string, string>) => api.post("/auth/login", { body, headers });
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ]) {
      const answer = await attempt(headers);
      expect(answer.json.error_code).toBe("ORIGIN_NOT_ALLOWED");
      expect(answer.setCookies).toEqual([]);
    }
    expect((await attempt({ Origin: "http://localhost:3000", "Sec-Fetch-Site": "cross-site" })).status).toBe(200);
    expect((await attempt({ Origin: "http://localhost:7071" })).status).toBe(200);
  });

  test("ASVS 16.3.1: success and failure are audited with who and where", async () => {
    const email = await registerPerson(api);
    logLines.length = 0;
    await api.post("/auth/login", { body: { email, password }, headers: { "User-Agent": "test agent" } });
    await api.post("/auth/login", { body: { email: "stranger@example.com", password } });
    const events = logLines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === "audit");
    expect(events).toMatchObject([
      {
        type: "sign_in.succeeded",
        outcome: "success",
        account_id: expect.any(String),
        session_id: expect.any(String),
        address: "127.0.0.1",
        user_agent: "test agent",
      },
      {
        type: "sign_in.failed",
        outcome: "failure",
        email: "s…@example.com",
        reason: "unknown address",
        address: "127.0.0.1",
      },
    ]);
    expect(events[1]).not.toHaveProperty("account_id");
  });
});

describe("ASVS 11.4.2: after the parameters are raised", () => {
  test("the next login hashes again, parallel logins succeed, and the old tokens still refresh", async () => {
    const { services: weak, database } = await createTestServices();
    provideServices(weak);
    const email = await registerPerson(api);
    const device = await signIn(api, email);
    const strong = createServices(loadConfig({ ...testSettings, ...database, ARGON2_MEMORY_KIB: "128" }), clock);
    provideServices(strong);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.post("/auth/login", { body: { email, password } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await strong.accounts.findClaims(email, strong.clock.now())).account?.passwordHash).toContain("m=128");
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(200);
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
    provideServices(services);
    await strong.close();
  });
});

describe("ASVS 11.4.2: under a flood of sign-ins", () => {
  test("one too many is 503 with Retry-After, and the service recovers when the others are done", async () => {
    const email = await registerPerson(api);
    const gate = Promise.withResolvers<void>();
    const engine = await referenceEngine();
    const slow: PasswordEngine = {
      ...engine,
      async verify(phc, typed) {
        await gate.promise;
        return engine.verify(phc, typed);
      },
    };
    const bounds = { concurrency: 1, maxWaiting: 1 };
    const passwords = createPasswords(services.config.passwords, { engine: async () => slow, bounds });
    provideServices({ ...services, passwords });
    const attempt = () => api.post("/auth/login", { body: { email, password } });
    let turnedAway = 0;
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const answer = await attempt();
        // The three that are turned away answer while the other two still wait.
        if (answer.status === 503) turnedAway += 1;
        if (turnedAway === 3) gate.resolve();
        return answer;
      }),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 503, 503, 503]);
    const refused = answers.find(({ status }) => status === 503);
    expect([refused?.json.error_code, refused?.headers.get("retry-after")]).toEqual(["OVERLOADED", "1"]);
    expect((await attempt()).status).toBe(200);
    provideServices(services);
  });
});
