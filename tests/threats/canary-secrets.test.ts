import { expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { createSigningKeyQueries } from "../../shared/tokens/keys/signing-key-queries.ts";
import { toDevice } from "../support/people.ts";
import { clientSecret } from "../support/providers/issuer.ts";
import { home, startSocialService } from "../support/social.ts";
import { testSecretKey } from "../support/settings.ts";

const { api, clock, logLines, services } = await startSocialService();

test("ASVS 16.2.5: passwords, tokens, cookies and keys appear in no log line and no error", async () => {
  const canaries = new Set<string>([testSecretKey, clientSecret]);
  const answers: string[] = [];
  const email = "canary@example.com";
  const chosen = "canary-password-3f9c";
  canaries.add(chosen);
  await api.post("/auth/register", { body: { email, username: "Canary", password: chosen } });
  const login = toDevice(email, await api.post("/auth/login", { body: { email, password: chosen } }));
  const refreshed = toDevice(email, await api.post("/auth/refresh", { cookie: login.cookie }));
  for (const device of [login, refreshed])
    for (const secret of [device.accessToken, device.refreshToken]) canaries.add(secret);

  // Every endpoint gets the secrets in every place, right and wrong.
  for (const { method, route } of catalogue()) {
    const path = `/${route.replace(/^\//, "").replace("{provider}", "acme")}`;
    for (const secret of [chosen, login.accessToken, login.refreshToken]) {
      const bodies =
        method === "GET"
          ? [undefined]
          : [
              { email, password: secret },
              { email: secret, password: secret, username: secret },
              { refresh_token: secret },
              { id_token: secret, nonce: secret },
              { code: secret, redirect_uri: home, code_verifier: secret.slice(0, 128).padEnd(43, "x") },
              { access_token: secret },
              `{"${secret}":`,
              { [secret]: secret },
            ];
      for (const body of bodies) {
        const answer = await api.send(
          method,
          `${path}?token=${secret}&code=${secret}&state=${secret}&error=${secret}&redirect_to=${secret}`,
          {
            body,
            bearer: secret,
            cookie: `refresh_token=${secret}; other=${secret}`,
            headers: { "X-Api-Key": secret },
          },
        );
        if (answer.status >= 400) answers.push(JSON.stringify(answer.json));
        answers.push(answer.headers.get("location") ?? "");
      }
    }
    await api.send("PUT", `${path.replace(/\/$/, "")}/${chosen}`, { bearer: login.accessToken });
  }
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

test("a bug is an opaque 500 for the caller, and one line with its cause in the log", async () => {
  logLines.length = 0;
  const { findPrincipal } = services.sessions;
  const broken = services.sessions as { findPrincipal: typeof findPrincipal };
  broken.findPrincipal = () => Promise.reject(new Error("inner workings"));
  const { token } = await services.tokens.access.issue(
    { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: new Date("2100-01-01") },
    clock.now(),
  );
  const answer = await api.get("/auth/me", { bearer: token });
  broken.findPrincipal = findPrincipal;
  expect([answer.status, answer.json.error_code]).toEqual([500, "INTERNAL_ERROR"]);
  expect(JSON.stringify(answer.json)).not.toMatch(/inner workings|\.ts|at /);
  expect(logLines).toHaveLength(1);
  expect(JSON.parse(logLines[0] ?? "")).toMatchObject({
    level: "error",
    code: "INTERNAL_ERROR",
    cause: { message: "inner workings" },
  });
});
