import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../outcomes.ts";
import { runProgram, signalAfter } from "./program.ts";
import { startTarget, type Target } from "./target.ts";
import type { Attack } from "./attack.ts";

const connections = 500;
/** The longest that another caller may wait for an answer meanwhile, on an otherwise idle machine. */
const mostMilliseconds = 3_000;

const ways: readonly (readonly [what: string, path: string, args: readonly string[]])[] = [
  ["heads that never end", "/health/live", ["-H", "-i", "5", "-x", "24"]],
  ["bodies that never end", "/auth/login", ["-B", "-i", "2", "-s", "8192", "-x", "10", "-f", "application/json"]],
  [
    "answers that nobody reads",
    "/docs/swagger-ui-bundle.js",
    ["-X", "-w", "1", "-y", "512", "-n", "5", "-z", "32", "-k", "3"],
  ],
];

/** 500 connections that send or read hardly anything: everybody else is served. */
export const slowhttptest: Attack = {
  program: "slowhttptest",
  async run({ folder, isBounded }) {
    const target = await startTarget(folder);
    const seconds = isBounded ? 12 : 240;
    for (const way of ways) await attack(target, { folder, seconds, way, isBounded });
    await target.stop();
  },
};

interface Options {
  readonly folder: string;
  readonly seconds: number;
  readonly way: (typeof ways)[number];
  readonly isBounded: boolean;
}

async function attack(target: Target, { folder, seconds, way: [what, path, way], isBounded }: Options): Promise<void> {
  const { accessToken } = await target.newPerson();
  const args = [...way, "-c", connections, "-r", connections / 5, "-l", seconds, "-v", 1, "-u", target.url + path];
  const running = runProgram("slowhttptest", { folder, seconds: seconds + 30, args: args.map(String) });
  const over = signalAfter(running);
  const times: number[] = [];
  let refused = 0;
  while (!over.aborted) {
    const startedAt = performance.now();
    const answer = await fetch(`${target.url}/auth/me`, { headers: { Authorization: `Bearer ${accessToken}` } });
    await answer.arrayBuffer();
    times.push(performance.now() - startedAt);
    if (answer.status !== 200) refused += 1;
    await sleep(100);
  }
  const { output } = await running;
  const opened = Math.max(0, ...openedIn(output));
  const worst = Math.max(...times);
  const figures = `${times.length} calls beside it, ${refused} refused, the longest ${worst.toFixed(0)} ms`;
  check(`slowhttptest: ${what}: ${opened} connections`, opened >= connections);
  check(`slowhttptest: ${what}: ${figures}`, refused === 0 && (isBounded || worst <= mostMilliseconds));
}

/** How many connections there have been at each of its reports, those that the service has ended by then included. */
function openedIn(output: string): number[] {
  const reports = output.matchAll(/^pending:\s+(\d+)\s+connected:\s+(\d+)\s+error:\s+\d+\s+closed:\s+(\d+)/gm);
  return Array.from(reports, ([, ...counts]) => counts.reduce((sum, count) => sum + Number(count), 0));
}
