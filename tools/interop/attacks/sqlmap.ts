import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { documentedOperations, type Operation } from "../operations.ts";
import { check } from "../outcomes.ts";
import type { Attack } from "./attack.ts";
import { runProgram } from "./program.ts";
import { startTarget, type Person, type Target } from "./target.ts";

/** SQLite is what runs here: statements are one text for both engines, with parameters only. */
const options = (
  "--level=3 --risk=2 --dbms=sqlite --time-sec=2 --ignore-code=* --drop-set-cookie " +
  "--batch --ignore-stdin --disable-coloring --flush-session"
).split(" ");
const atOnce = 2;
const boundedSeconds = 50;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** SQL in every parameter of every endpoint, and in the cookies and headers that level 3 tries. Nothing takes it. */
export const sqlmap: Attack = {
  program: "sqlmap",
  async run({ folder, isBounded }) {
    const target = await startTarget(folder);
    const deadline = performance.now() + (isBounded ? boundedSeconds : 7200) * 1000;
    const operations = documentedOperations().filter(takesAnything);
    const queue = (isBounded ? todaysFirst(operations) : operations).entries();
    const work = async () => {
      for (const [index, operation] of queue) {
        const seconds = (deadline - performance.now()) / 1000;
        if (seconds < 5) return;
        await attack(target, { folder: path.join(folder, String(index)), operation, seconds, isBounded });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await target.stop();
  },
};

/** Documents and pages take nothing of their own: what all endpoints read is tried at the others. */
function takesAnything({ path: parts, query, body, credentials }: Operation): boolean {
  return Object.keys({ ...parts, ...query, ...body }).length > 0 || credentials.length > 0;
}

/** A minute is enough for a few endpoints only: each day for others. */
function todaysFirst(operations: readonly Operation[]): Operation[] {
  const first = (Math.floor(Date.now() / dayMilliseconds) * 7) % operations.length;
  return [...operations.slice(first), ...operations.slice(0, first)];
}

interface Options {
  readonly folder: string;
  readonly operation: Operation;
  readonly seconds: number;
  readonly isBounded: boolean;
}

async function attack(target: Target, { folder, operation, seconds, isBounded }: Options): Promise<void> {
  mkdirSync(folder);
  const person = await target.newPerson();
  const ways = Object.keys(operation.path).length > 0 ? [true, false] : [false];
  for (const isPathMarked of ways) {
    const request = path.join(folder, "request.txt");
    writeFileSync(request, requestText({ ...operation, isPathMarked }, { port: target.port, ...person }));
    const names = isPathMarked ? marksIn(operation) : parametersOf(operation);
    // By itself it would leave out what has `token` in its name.
    const named = isPathMarked ? [] : ["-p", names.join(",")];
    const args = ["-r", request, ...named, ...options, `--output-dir=${folder}`];
    const { output, isEnded } = await runProgram("sqlmap", { folder, seconds, args });
    judge({ operation, names, output, isCut: isEnded && isBounded });
  }
}

interface Judged {
  readonly operation: Operation;
  /** What it must have tried. */
  readonly names: readonly string[];
  readonly output: string;
  /** Whether the minute was over. */
  readonly isCut: boolean;
}

function judge({ operation: { method, route, isForm }, names, output, isCut }: Judged): void {
  const what = `sqlmap: ${method} ${route}${isForm ? ", as a form" : ""}`;
  const isFound = output.includes("identified the following injection point");
  const refuted = new Set(
    [...output.matchAll(/parameter '(?:JSON )?([^']+)' does not seem to be injectable/g)].map(([, name]) => name),
  );
  const missing = isCut ? [] : names.filter((name) => !refuted.has(name));
  check(`${what}: takes no SQL in ${[...refuted].join(", ")}`, !isFound && missing.length === 0);
  if (missing.length > 0) console.log(`not tried: ${missing.join(", ")}`);
  if (isFound || missing.length > 0) console.log(output.slice(-2000));
}

/** What it calls the marked parts of a path. */
function marksIn(operation: Operation): string[] {
  return Object.keys(operation.path).map((_, index) => `#${index + 1}*`);
}

/** What it calls the other parameters. */
function parametersOf({ query, body }: Operation): string[] {
  const own = { ...query, ...body, refresh_token: "", latchkey_device: "" };
  return [...Object.keys(own), "User-Agent", "Referer"];
}

/** The request as text. `*` marks the part of a path that is to be tried. */
function requestText(
  { method, route, query, body, isForm, credentials, isPathMarked }: Operation & { readonly isPathMarked: boolean },
  { port, accessToken, cookie }: Person & Pick<Target, "port">,
): string {
  const search = new URLSearchParams(query).toString();
  const lines = [
    `${method} ${route.replaceAll(/\{\w+\}/g, isPathMarked ? "x*" : "acme")}${search && `?${search}`} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "User-Agent: sqlmap",
    "Referer: http://localhost:3000/",
    `Cookie: ${cookie}`,
    ...(credentials.includes("bearer") ? [`Authorization: Bearer ${accessToken}`] : []),
  ];
  if (!body) return [...lines, "", ""].join("\r\n");
  const content = isForm ? new URLSearchParams(body).toString() : JSON.stringify(body);
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  return [...lines, `Content-Type: ${type}`, "", content].join("\r\n");
}
