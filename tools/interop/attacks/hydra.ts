import { writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomToken } from "../../../shared/platform/crypto/random.ts";
import { percentile } from "../../bench/statistics.ts";
import { check } from "../outcomes.ts";
import type { Attack } from "./attack.ts";
import { addressIn, startCrowd } from "./crowd.ts";
import { runProgram, signalAfter } from "./program.ts";
import { password, startTarget, type Person, type Target } from "./target.ts";

const [accounts, networks] = [100, 50];
/** What an account's password may be tried, whoever tries (ASVS 6.3.1). */
const mostTries = 100;
/** As long as an owner waits for a sign-in meanwhile. */
const mostMilliseconds = 1_000;
/** Hashes as in production. */
const costly = { ARGON2_MEMORY_KIB: "19456", ARGON2_ITERATIONS: "2" };

/** 20,000 passwords for 100 accounts, from 50 networks; the owners sign in from devices that their accounts know. */
export const hydra: Attack = {
  program: "hydra",
  async run({ folder, isBounded }) {
    const settings = { ...costly, SECRET_KEY: randomToken() };
    const filling = await startTarget(folder, settings);
    const people: Person[] = [];
    for (let person = 0; person < accounts; person += 1) people.push(await filling.newPerson());
    await filling.stop();
    const target = await startTarget(folder, { ...settings, RATE_LIMITS: "on" });
    await attack(target, { folder, people, passwords: isBounded ? 20 : 200, isBounded });
    await target.stop();
  },
};

interface Options {
  readonly folder: string;
  readonly people: readonly Person[];
  /** How many are tried for each account. */
  readonly passwords: number;
  readonly isBounded: boolean;
}

async function attack(target: Target, { folder, people, passwords, isBounded }: Options): Promise<void> {
  const before = await watch(target, people, sleep(isBounded ? 5_000 : 30_000));
  const crowd = await startCrowd(target.port, networks);
  const [users, words] = [path.join(folder, "users.txt"), path.join(folder, "passwords.txt")];
  // It would encode the address's sign: the form has the rest.
  writeFileSync(users, people.map(({ email }) => `${email.split("@")[0]}\n`).join(""));
  writeFileSync(words, Array.from({ length: passwords }, (_, index) => `notthepasswordof${index}\n`).join(""));
  const body = String.raw`{"email"\:"^USER^@example.com","password"\:"^PASS^"}`;
  const form = String.raw`/auth/login:${body}:G=:H=Content-Type\: application/json:S=access_token`;
  const args = [
    "-L",
    users,
    "-P",
    words,
    "-u",
    "-I",
    "-t",
    "16",
    "-s",
    crowd.port,
    "127.0.0.1",
    "http-post-form",
    form,
  ];
  const running = runProgram("hydra", { folder, seconds: 3600, args: args.map(String), leavesRoom: true });
  const during = await watch(target, people, running);
  const { tried, statuses } = await crowd.stop();
  const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(0, ...tried.values());
  const told = [...statuses].map(([status, count]) => `${count} times ${status}`).join(", ");
  check(`hydra: ${total} attempts: ${told}`, total >= accounts * passwords);
  check(`hydra: no account tried more than ${most} times`, most > 0 && most <= mostTries);
  const { worst, refused, signIns } = during;
  const signedIn = `${signIns} sign-ins of owners meanwhile, ${refused} refused, the longest ${worst.toFixed(0)} ms`;
  const me = `${before.p99.toFixed(1)} ms before, ${during.p99.toFixed(1)} ms during it`;
  // A few seconds on a machine that does other things as well say nothing about times.
  check(`hydra: ${signedIn}`, refused === 0 && (isBounded || worst <= mostMilliseconds));
  check(`hydra: GET /auth/me: 99 of 100 within ${me}`, isBounded || during.p99 <= 2 * before.p99);
}

interface Seen {
  /** Within which 99 of 100 calls of GET /auth/me were answered, in milliseconds. */
  readonly p99: number;
  /** The longest sign-in of an owner, in milliseconds. */
  readonly worst: number;
  readonly signIns: number;
  readonly refused: number;
}

/** Until it is over, owners ask for their accounts all the time and sign in now and then, each from a network of their own. */
async function watch(target: Target, people: readonly Person[], over: Promise<unknown>): Promise<Seen> {
  const isOver = signalAfter(over);
  const [times, waits]: [number[], number[]] = [[], []];
  let [refused, turn] = [0, 0];
  const [reader] = people;
  while (!isOver.aborted) {
    for (let call = 0; call < 50; call += 1) {
      times.push((await send(target, { path: "/auth/me", bearer: reader?.accessToken })).milliseconds);
      await sleep(10);
    }
    turn += 1;
    const owner = people[turn % people.length];
    if (!owner) continue;
    const body = JSON.stringify({ email: owner.email, password });
    const from = addressIn(networks + 1 + (turn % people.length));
    const { status, milliseconds } = await send(target, { path: "/auth/login", body, from, cookie: owner.cookie });
    waits.push(milliseconds);
    if (status !== 200) refused += 1;
  }
  const p99 = percentile(Float64Array.from(times).toSorted(), 99);
  return { p99, worst: Math.max(0, ...waits), signIns: waits.length, refused };
}

interface Request {
  readonly path: string;
  readonly bearer?: string | undefined;
  readonly body?: string;
  readonly cookie?: string;
  /** The address that it comes from. */
  readonly from?: string;
}

/** Sends a call. @returns its status, and how long it took until the answer was complete */
function send(
  { port }: Target,
  { path: target, bearer, body, cookie, from }: Request,
): Promise<{ status: number; milliseconds: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = {
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      ...(cookie !== undefined && { Cookie: cookie }),
      ...(body !== undefined && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
    };
    const method = body === undefined ? "GET" : "POST";
    const source = from === undefined ? {} : { localAddress: from };
    const sent = http.request({ host: "127.0.0.1", port, method, path: target, headers, ...source }, (answer) => {
      answer
        .resume()
        .on("end", () => resolve({ status: answer.statusCode ?? 0, milliseconds: performance.now() - startedAt }));
    });
    sent.on("error", reject).end(body);
  });
}
