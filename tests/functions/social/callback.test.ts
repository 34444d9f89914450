import { describe, expect, test } from "vitest";
import { createBrowser, home, locationOf, ownOrigin, startSocialService, whoIs } from "../../support/social.ts";

const service = await startSocialService({ REDIRECT_ALLOWLIST: `${home},https://app.example.com/done` });
const { api, url, issuer, authorize, signIn, logLines, clock } = service;
const ada = { sub: "ada", email: "ada@example.com", email_verified: true, name: "Ada Lovelace" };

/** The last event of the audit log. */
function lastEvent(): Record<string, unknown> {
  const lines = logLines.filter((line) => line.startsWith("{"));
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return events.findLast(({ event }) => event === "audit") ?? {};
}

describe("GET /auth/oauth/{provider}/callback", () => {
  test("signs in, sets the session's cookie, and goes to where it was asked to, without any token in the URL", async () => {
    const browser = createBrowser();
    issuer.person = ada;
    const answer = await browser.visit(await authorize(browser, `${home}welcome?tab=2`));
    expect([answer.status, locationOf(answer).href]).toEqual([302, `${home}welcome?tab=2#`]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.getSetCookie().toSorted()).toEqual([
      expect.stringMatching(
        /^latchkey_device=[\w-]{43}\.[\w-]{43}; max-age=31536000; path=\/; samesite=lax; httponly$/,
      ),
      expect.stringMatching(/^oauth_attempt_\d=; max-age=0; path=\/; samesite=lax; httponly$/),
      expect.stringMatching(/^refresh_token=[\w-]{43}; max-age=604800; path=\/; samesite=lax; httponly$/),
    ]);
    expect((await whoIs(service, browser))?.user).toMatchObject({
      email: "ada@example.com",
      email_verified: true,
      username: "Ada Lovelace",
      name: "Ada Lovelace",
      picture: null,
      provider: "acme",
    });
  });

  test("a state is good once: another time the error goes to the front end, and nobody is signed in", async () => {
    const browser = createBrowser();
    issuer.person = ada;
    const back = await authorize(browser, `${home}welcome`);
    const thief = createBrowser();
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
    await browser.visit(back);
    const again = await thief.visit(back);
    expect(locationOf(again).href).toBe(`${home}?error=INVALID_STATE#`);
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(lastEvent()).toMatchObject({ type: "sign_in.failed", provider: "acme", reason: "INVALID_STATE" });
  });

  test("20 parallel callbacks with one state: one signs in", async () => {
    const browser = createBrowser();
    issuer.person = ada;
    const back = await authorize(browser);
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.get(back.slice(url.length), { cookie })));
    const signedIn = answers.filter(({ setCookies }) => setCookies.some((line) => line.startsWith("refresh_token=")));
    expect(signedIn).toHaveLength(1);
    expect(answers.filter(({ headers }) => headers.get("location")?.includes("INVALID_STATE"))).toHaveLength(19);
  });

  test("five tabs of one browser sign in each for itself, as far as there is a place", async () => {
    const browser = createBrowser();
    issuer.person = ada;
    const backs: string[] = [];
    for (let tab = 0; tab < 5; tab += 1) backs.push(await authorize(browser, `${home}${tab}`));
    const ends = [];
    for (const back of backs) ends.push(locationOf(await browser.visit(back)).href);
    expect(ends.filter((end) => !end.includes("error="))).toHaveLength(4);
    expect(ends.at(-1)).toBe(`${home}4#`);
  });

  test.each([
    ["no cookie", () => createBrowser()],
    ["the cookie of another attempt", async () => (await other()).browser],
  ])("a state from another browser, %s: INVALID_STATE", async (_what, makeBrowser) => {
    issuer.person = ada;
    const back = await authorize(createBrowser());
    const answer = await (await makeBrowser()).visit(back);
    expect(locationOf(answer).href).toBe(`${home}?error=INVALID_STATE#`);
  });

  async function other() {
    const browser = createBrowser();
    return { browser, back: await authorize(browser) };
  }

  test.each([
    ["none", (back: URL) => back.searchParams.delete("state")],
    ["an empty one", (back: URL) => back.searchParams.set("state", "")],
    ["an unknown one", (back: URL) => back.searchParams.set("state", "x".repeat(43))],
    ["it twice", (back: URL) => back.searchParams.append("state", back.searchParams.get("state") ?? "")],
  ])("state, %s: the error goes to the front end", async (_what, change) => {
    const { browser, back } = await other();
    const changed = new URL(back);
    change(changed);
    expect(locationOf(await browser.visit(changed.href)).href).toBe(`${home}?error=INVALID_STATE#`);
  });

  test.each([
    ["no code", (back: URL) => back.searchParams.delete("code"), "VALIDATION_ERROR"],
    ["an empty code", (back: URL) => back.searchParams.set("code", ""), "VALIDATION_ERROR"],
    ["two codes", (back: URL) => back.searchParams.append("code", "x"), "VALIDATION_ERROR"],
    ["a code of nobody's", (back: URL) => back.searchParams.set("code", "x"), "PROVIDER_TOKEN_INVALID"],
    [
      "the name of another issuer",
      (back: URL) => back.searchParams.set("iss", "https://evil.example"),
      "INVALID_STATE",
    ],
    ["a cancelled consent", (back: URL) => back.searchParams.set("error", "access_denied"), "ACCESS_DENIED"],
    ["an error of its own", (back: URL) => back.searchParams.set("error", "invalid_scope"), "PROVIDER_ERROR"],
    [
      "that it is busy",
      (back: URL) => back.searchParams.set("error", "temporarily_unavailable"),
      "PROVIDER_UNAVAILABLE",
    ],
    [
      "an error twice",
      (back: URL) => ["a", "b"].forEach((e) => back.searchParams.append("error", e)),
      "VALIDATION_ERROR",
    ],
  ])("the provider answers %s: the error goes to where the sign-in was to go", async (_what, change, code) => {
    issuer.person = ada;
    const browser = createBrowser();
    const changed = new URL(await authorize(browser, `${home}welcome?tab=2`));
    change(changed);
    const answer = await browser.visit(changed.href);
    expect(locationOf(answer).href).toBe(`${home}welcome?tab=2&error=${code}#`);
    expect([...browser.cookies]).toEqual([]);
    expect(lastEvent()).toMatchObject({ type: "sign_in.failed", provider: "acme", reason: code });
    // The state is used up: the right answer comes too late.
    changed.searchParams.delete("error");
    expect(locationOf(await browser.visit(changed.href)).href).toContain("INVALID_STATE");
  });

  test("a code is good once, also with a state of its own", async () => {
    issuer.person = ada;
    const browser = createBrowser();
    const first = new URL(await authorize(browser));
    await browser.visit(first.href);
    const second = new URL(await authorize(browser));
    second.searchParams.set("code", first.searchParams.get("code") ?? "");
    expect(locationOf(await browser.visit(second.href)).searchParams.get("error")).toBe("PROVIDER_TOKEN_INVALID");
  });

  test("an attempt is over after ten minutes", async () => {
    issuer.person = ada;
    for (const [seconds, end] of [
      [599, `${home}#`],
      [601, `${home}?error=INVALID_STATE#`],
    ] as const) {
      const browser = createBrowser();
      const back = await authorize(browser);
      clock.advance(seconds);
      expect(locationOf(await browser.visit(back)).href).toBe(end);
    }
  });

  test("a provider that is not set up: 404 in the envelope", async () => {
    const answer = await api.get("/auth/oauth/google/callback?state=x&code=y");
    expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
    expect(lastEvent()).toMatchObject({ type: "sign_in.failed", reason: "PROVIDER_NOT_CONFIGURED" });
  });

  test("comes from another site without an Origin, as every browser's visit does", async () => {
    issuer.person = ada;
    const browser = createBrowser();
    const headers = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Content-Type": "text/plain" };
    const answer = await browser.visit(await authorize(browser), { headers });
    expect(locationOf(answer).href).toBe(`${home}#`);
  });

  test("an inactive account: ACCOUNT_INACTIVE, and its id in the audit log", async () => {
    const person = { sub: "inactive", email: "inactive@example.com", email_verified: true };
    const browser = createBrowser();
    await signIn(browser, person);
    const id = (await whoIs(service, browser))?.user["id"];
    const db = service.services.database.queries.withTables<{ users: { id: string; is_active: boolean } }>();
    await db.updateTable("users").set({ is_active: false }).where("id", "=", String(id)).execute();
    expect((await signIn(createBrowser(), person)).href).toBe(`${home}?error=ACCOUNT_INACTIVE#`);
    expect(lastEvent()).toMatchObject({ reason: "ACCOUNT_INACTIVE", account_id: id });
  });
});

describe("POST /auth/oauth/{provider}/callback", () => {
  const post = (form: Record<string, string> | string) =>
    api.post("/auth/oauth/acme/callback", {
      form,
      headers: { Origin: "https://provider.example", "Sec-Fetch-Site": "cross-site" },
    });

  test("an answer as a form is sent on to the callback, where the browser's cookie comes along", async () => {
    issuer.person = ada;
    const browser = createBrowser();
    const { searchParams } = new URL(await authorize(browser));
    const answer = await post(Object.fromEntries(searchParams));
    expect(answer.status).toBe(303);
    const onward = new URL(answer.headers.get("location") ?? "");
    expect(onward.origin + onward.pathname).toBe(`${ownOrigin}/auth/oauth/acme/callback`);
    expect(locationOf(await browser.visit(onward.href.replace(ownOrigin, url))).href).toBe(`${home}#`);
  });

  test("parameters that are not ours stay behind, and none leads elsewhere", async () => {
    const answer = await post("state=a%26b&code=//evil.example&id_token=secret&user=%7B%7D");
    expect(answer.headers.get("location")).toBe(
      `${ownOrigin}/auth/oauth/acme/callback?state=a%26b&code=%2F%2Fevil.example`,
    );
  });

  test.each([
    ["a parameter twice", { form: "state=a&state=b" }, 400, "INVALID_REQUEST"],
    ["JSON", { body: { state: "a" } }, 400, "INVALID_REQUEST"],
    ["too much", { form: `state=${"x".repeat(70_000)}` }, 413, "PAYLOAD_TOO_LARGE"],
  ])("%s is refused in the envelope", async (_what, request, status, code) => {
    const answer = await api.post("/auth/oauth/acme/callback", request);
    expect([answer.status, answer.json.error_code]).toEqual([status, code]);
  });

  test("a provider that is not set up: 404", async () => {
    expect((await api.post("/auth/oauth/github/callback", { form: "state=a" })).status).toBe(404);
  });
});
