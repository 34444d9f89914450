// npm run bench:enumeration: measures whether the time of an answer tells who has an account (ASVS 6.3.8). Sends calls
// for known and for unknown addresses in turn, one at a time, and compares their medians and their ranks; then again
// with a queue that does not answer. BENCH_SAMPLES (500) sets how many of each, BENCH_ONLY selects calls by words in
// their paths. On a busy machine the noise hides a difference: look at the load average.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { build } from "../build.ts";
import { startServer, type Server } from "./processes.ts";
import { rankTest } from "./rank-test.ts";
import { median } from "./statistics.ts";

const samples = Number(process.env["BENCH_SAMPLES"] ?? 500);
const only = process.env["BENCH_ONLY"]?.split(",") ?? [""];
const password = "a password of the benchmark";
const mostApart = 0.03;
/** Two-sided, one in a hundred: of the fourteen comparisons, chance alone lets one in eight runs exceed it. */
const mostDeviations = 2.58;

const known = (person: number) => `known${person}@example.com`;
let strangers = 0;
const unknown = () => `nobody${(strangers += 1)}@example.com`;

/** Who asks for addresses of others, signed in. */
const asker = "asker@example.com";

/** The calls that must not tell; the body of each for an address. `asker` makes those whose path is in `signedIn`. */
const calls: readonly (readonly [path: string, bodyFor: (email: string) => object, status: number])[] = [
  ["/auth/register", (email) => ({ email, username: "Bench", password }), 202],
  ["/auth/login", (email) => ({ email, password: "not the password of anyone" }), 401],
  ["/auth/password/forgot", (email) => ({ email }), 202],
  ["/auth/email/resend", (email) => ({ email }), 202],
  ["/auth/email/verify", (email) => ({ email, code: "000000" }), 400],
  ["/auth/email/change", (email) => ({ email }), 202],
  ["/auth/me/deletion/cancel", (email) => ({ email, password: "not the password of anyone" }), 401],
];
const signedIn = new Set(["/auth/email/change"]);

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Call {
  readonly path: string;
  readonly body: object;
  readonly status: number;
  readonly accessToken?: string | undefined;
}

/** Sends one call. @returns milliseconds until the answer is complete */
function time({ port }: Server, { path: target, body, status, accessToken }: Call): Promise<number> {
  const text = JSON.stringify(body);
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
  };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request({ port, host: "127.0.0.1", method: "POST", path: target, headers, agent }, (answer) => {
      if (answer.statusCode !== status) reject(new Error(`${target} answers ${answer.statusCode}, not ${status}`));
      answer.resume().on("end", () => resolve(performance.now() - startedAt));
    });
    sent.on("error", reject).end(text);
  });
}

/** Makes the known people: registered while that is enough, then proven by hand. */
async function fill(file: string): Promise<void> {
  const server = await start(file, { EMAIL_VERIFICATION: "optional" });
  for (const email of [asker, ...Array.from({ length: samples }, (_, person) => known(person))])
    await time(server, { path: "/auth/register", body: { email, username: "Bench", password }, status: 201 });
  await server.stop();
  const database = new DatabaseSync(file);
  database.exec("update users set email_verified_at = created_at");
  database.close();
}

function start(file: string, settings: Record<string, string>): Promise<Server> {
  return startServer("server.ts", ["service"], {
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: file,
    SENSITIVE_MAX_AGE_MINUTES: "60",
    AzureWebJobsStorage: "",
    ...settings,
  });
}

/** The tokens of `asker`: the access token, and the refresh token that proves the session. */
async function signIn({ port }: Server): Promise<{ accessToken: string; refreshToken: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: asker, password, transport: "body" }),
  });
  const { data } = (await answer.json()) as { data: { access_token: string; refresh_token: string } };
  return { accessToken: data.access_token, refreshToken: data.refresh_token };
}

/** One call of each kind in turn, in an order that alternates. */
async function compare(server: Server, [target, bodyFor, status]: (typeof calls)[number]): Promise<boolean> {
  const session = signedIn.has(target) ? await signIn(server) : undefined;
  const proof = session && { refresh_token: session.refreshToken };
  const send = (email: string) =>
    time(server, {
      path: target,
      body: { ...bodyFor(email), ...proof },
      status,
      accessToken: session?.accessToken,
    });
  for (let warm = 0; warm < 30; warm += 1) await send(unknown());
  const [ofKnown, ofUnknown]: [number[], number[]] = [[], []];
  for (let person = 0; person < samples; person += 1) {
    const both = [
      async () => ofKnown.push(await send(known(person))),
      async () => ofUnknown.push(await send(unknown())),
    ];
    for (const each of person % 2 === 0 ? both : both.toReversed()) await each();
  }
  const [one, other] = [median(ofKnown), median(ofUnknown)];
  const [apart, deviations] = [one / other - 1, rankTest(ofKnown, ofUnknown)];
  const isAlike = Math.abs(apart) <= mostApart && Math.abs(deviations) <= mostDeviations;
  const percent = `${apart < 0 ? "" : "+"}${(100 * apart).toFixed(1)} %`;
  const figures = [one.toFixed(2), other.toFixed(2), percent, deviations.toFixed(2), isAlike ? "alike" : "TELLS"];
  console.log([target.padEnd(24), ...figures.map((figure) => figure.padStart(12))].join(""));
  return isAlike;
}

await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
const file = path.join(folder, "enumeration.db");
/** Nothing listens there. */
const away = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;";
let isAlike = true;
try {
  await fill(file);
  for (const [title, storage] of [
    ["without a queue", ""],
    ["while the queue is away", away],
  ] as const) {
    console.log(`\n${title}: ${samples} of each, load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
    const names = ["known, ms", "unknown, ms", "apart", "deviations"];
    console.log(["medians".padEnd(24), ...names.map((name) => name.padStart(12))].join(""));
    const server = await start(file, { EMAIL_VERIFICATION: "required", AzureWebJobsStorage: storage });
    const chosen = calls.filter(([target]) => only.some((word) => target.includes(word)));
    for (const call of chosen) isAlike = (await compare(server, call)) && isAlike;
    await server.stop();
  }
} finally {
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isAlike ? 0 : 1;
