import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { findFreePort } from "../../../tools/free-port.ts";
import { selfSigned } from "../../../tools/self-signed.ts";
import { runTool } from "../../process/run-tool.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { startService, withSettings } from "../../support/service.ts";
import { app, examine } from "./examine.ts";
import { listen, startStandIn } from "./stand-in.ts";

const standIn = await startStandIn();
const service = await startService({ ISSUER: standIn.url, FRONTEND_URL: app });
standIn.upstream = service.url;

afterEach(() => void vi.unstubAllGlobals());

describe("npm run doctor, on a service that is well", () => {
  test("finds nothing at fault, for a page of the same site", async () => {
    const { isGood, text, states } = await examine(standIn.url);
    expect(states).toEqual(["same-site", ...Array.from({ length: 10 }, () => "ok")]);
    expect(isGood).toBe(true);
    for (const about of ["health", "mail", "issuer", "keys", "clock", "hops", "cors", "cookies", "headers", "firewall"])
      expect(text).toMatch(new RegExp(`^ok +${about} `, "m"));
    expect(text).toMatch(
      /^same-site {2}both belong to http:\/\/localhost: a page of the app can use the refresh cookie$/m,
    );
    expect(text).toContain("the service takes you to be 127.0.0.1");
  });

  test("leaves no trace: nobody is signed in, out or refused", async () => {
    service.logLines.length = 0;
    await examine(standIn.url);
    expect(service.logLines.filter((line) => line.includes('"type":'))).toEqual([]);
  });

  test("over https, as a command, ends with 0 and knows the cookie of https", async () => {
    const certificate = selfSigned();
    const secure = await startStandIn(certificate);
    withSettings(service, { ISSUER: secure.url, FRONTEND_URL: "https://localhost:3000" });
    secure.upstream = service.url;
    const trusted = path.join(temporaryFolder(), "ca.pem");
    writeFileSync(trusted, certificate.cert);
    const args = ["--app", "https://localhost:3000", "--api", `${secure.url}/`];
    const outcome = await runTool("tools/doctor.ts", { cwd: ".", args, env: { NODE_EXTRA_CA_CERTS: trusted } }).ended;
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toContain("__Host-refresh_token, Secure, HttpOnly, SameSite=Lax");
    const distrusting = await runTool("tools/doctor.ts", { cwd: ".", args }).ended;
    expect(distrusting).toMatchObject({ code: 1, stdout: expect.stringMatching(/no answer: .*CERT.*\n.*certificate/) });
  });

  test("of another site says how cookies could work, which is no fault: tokens may come in the body", async () => {
    withSettings(service, { ISSUER: standIn.url, FRONTEND_URL: "http://app.example.com" });
    const { isGood, text, states } = await examine(standIn.url, { app: "http://app.example.com/spa" });
    expect(text).toMatch(
      /^cross-site {2}.*: a page of the app cannot use the refresh cookie\n +give the API a custom domain, such as api\.example\.com/,
    );
    expect([isGood, states.includes("fault")]).toEqual([true, false]);
  });
});

describe("npm run doctor, on a service with", () => {
  const settings = { ISSUER: standIn.url, FRONTEND_URL: app };
  test.each([
    [
      "another frontend",
      { FRONTEND_URL: "http://localhost:5173" },
      /^fault +cors +http:\/\/localhost:3000 may not call.*\n.*FRONTEND_URL/m,
    ],
    [
      "another frontend, at the cookie",
      { FRONTEND_URL: "http://localhost:5173" },
      /^fault +cookies +the API refuses the app's origin/m,
    ],
    [
      "another issuer",
      { ISSUER: "http://localhost:1" },
      /^fault +issuer +the metadata says http:\/\/localhost:1\n.*set ISSUER to/m,
    ],
    [
      "an issuer of https",
      { ISSUER: standIn.url.replace("http", "https") },
      /^fault +cookies +over http the cookie is called __Host-/m,
    ],
    [
      "one trusted hop too many",
      { TRUSTED_PROXY_HOPS: "2" },
      /^fault +hops +the service believes.*\n.*TRUSTED_PROXY_HOPS lower/m,
    ],
    [
      "no address of callers",
      { TRUSTED_PROXY_HOPS: "3" },
      /^fault +hops +no proxy names callers.*\n.*TRUSTED_PROXY_HOPS to/m,
    ],
    [
      "a database that is away",
      { EMBEDDED_DB_FILE: "/dev/null/x.db" },
      /^fault +health +database down.*\n.*npm run migrate/m,
    ],
    [
      "health that does not tell of hops",
      { EMBEDDED_DB_FILE: "/dev/null/x.db" },
      /^warning +hops +\/health answers 503/m,
    ],
  ])("%s, says what to set", async (_what, changed: Record<string, string>, text) => {
    withSettings(service, { ...settings, ...changed });
    const found = await examine(standIn.url);
    expect([found.isGood, found.text]).toEqual([false, expect.stringMatching(text)]);
  });

  test("a queue that is away, is a warning", async () => {
    const connection =
      "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;";
    withSettings(service, { ...settings, AzureWebJobsStorage: connection });
    const { isGood, text } = await examine(standIn.url);
    expect(isGood).toBe(true);
    expect(text).toMatch(/^warning +health +database up, queue down\n.*AzureWebJobsStorage/m);
  });
});

describe("npm run doctor, on an API that is away", () => {
  test.each([
    ["same-site", "http://localhost:3000"],
    ["cross-site", "https://app.example.com"],
  ])("gives the verdict, %s, all the same, and ends with 1", async (verdict, page) => {
    const api = `http://localhost:${await findFreePort()}`;
    const outcome = await runTool("tools/doctor.ts", { cwd: ".", args: ["--app", page, "--api", api] }).ended;
    expect(outcome).toMatchObject({ code: 1, stderr: "" });
    expect(outcome.stdout).toMatch(new RegExp(`^${verdict}  `));
    expect(outcome.stdout).toMatch(/^fault +api +no answer: ECONNREFUSED\n/m);
  });

  test("waits no longer than its time, for the head nor for the body", async () => {
    for (const begin of [false, true]) {
      const silent = createServer((_request, response) => void (begin && response.write("{")));
      const startedAt = performance.now();
      const { isGood, text } = await examine(`http://localhost:${await listen(silent)}`, { timeoutMs: 200 });
      expect(performance.now() - startedAt).toBeLessThan(3000);
      expect([isGood, text]).toEqual([
        false,
        expect.stringMatching(/^fault +api +no answer: none within 0\.2 seconds$/m),
      ]);
    }
  });

  test("or goes away meanwhile, names each check that got no answer", async () => {
    const real = fetch;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      url.endsWith("jwks.json") ? Promise.reject(new TypeError("fetch failed")) : real(url, init),
    );
    expect((await examine(standIn.url)).text).toMatch(/^fault +keys +no answer: fetch failed$/m);
  });
});

test.each([
  [[]],
  [["--app", app]],
  [["--app", app, "--api", "auth.example.com"]],
  [["--app", "ftp://localhost", "--api", app]],
  [["--app", app, "--api", "https://user:secret@auth.example.com"]],
  [["--app", app, "--api", "https://auth.example.com/?a=b"]],
  [["--app", app, "--api", app, "more"]],
  [["--app", app, "--api", app, "--loud"]],
])("npm run doctor with %j prints its usage and ends with 1", async (args) => {
  const outcome = await runTool("tools/doctor.ts", { cwd: ".", args }).ended;
  expect(outcome).toEqual({ code: 1, stdout: "", stderr: "usage: npm run doctor -- --app URL --api URL\n" });
});
