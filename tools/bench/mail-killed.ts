// npm run bench:mail-killed: registers KILLED_PEOPLE (500) people while the service is killed (SIGKILL) at random points,
// and tells whether each of their mails was sent, and how many were sent twice.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "../build.ts";
import {
  kill,
  openMailServer,
  password,
  postJson,
  prepareGround,
  startBuilt,
  type RunningService,
} from "./mail-ground.ts";

const people = Number(process.env["KILLED_PEOPLE"] ?? 500);
const clients = 6;
/** How long the service lives, in milliseconds, from when it serves. */
const lives = [150, 2500] as const;
/** After that, mail that was not sent counts as lost. */
const patienceMilliseconds = 20 * 60_000;

interface Row {
  readonly id: string;
  readonly status: string;
  readonly recipient: string;
}

function rowsOf(file: string): Row[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    const rows = database.prepare("select id, status, recipient from mail_outbox where recipient is not null").all();
    return rows as unknown as Row[];
  } finally {
    database.close();
  }
}

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-killed-"));
const smtp = await openMailServer(15);
const ground = await prepareGround(folder, "killed", smtp.port);
let service: RunningService | undefined;
let kills = 0;
try {
  await build({ root: process.cwd() });
  let next = 0;
  let registered = 0;
  const killing = (async () => {
    for (;;) {
      service = await startBuilt(ground.settings);
      await sleep(lives[0] + Math.random() * (lives[1] - lives[0]));
      if (registered === people) return;
      await kill(service);
      kills += 1;
    }
  })();
  /** Until the service has said yes, or that it said so before it was killed. */
  const register = async (email: string) => {
    for (;;) {
      const answer = await postJson(`${service?.url ?? "http://127.0.0.1:9"}/auth/register`, {
        email,
        username: "Bench",
        password,
      }).catch(() => undefined);
      if (answer && [201, 202, 409].includes(answer.status)) return;
      await sleep(20);
    }
  };
  const client = async () => {
    while (next < people) {
      await register(`person${(next += 1)}@example.com`);
      registered += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  await killing;
  const took = (performance.now() - startedAt) / 1000;
  console.log(
    `${people} people registered in ${took.toFixed(0)} s, during which the service was killed ${kills} times`,
  );

  const settlingFrom = performance.now();
  const unsent = () => rowsOf(ground.file).filter(({ id }) => !smtp.taken.has(id));
  let restartAt = performance.now() + 130_000;
  while (rowsOf(ground.file).some(({ status }) => status === "waiting")) {
    if (performance.now() - settlingFrom > patienceMilliseconds) break;
    if (performance.now() > restartAt) {
      // As a scale controller does: another instance starts, and begins to use the database.
      if (service) await kill(service);
      service = await startBuilt(ground.settings);
      await fetch(`${service.url}/health`);
      restartAt = performance.now() + 130_000;
    }
    await sleep(500);
  }
  const settled = (performance.now() - settlingFrom) / 1000;
  const rows = rowsOf(ground.file);
  const sends = [...smtp.taken.values()].reduce((sum, count) => sum + count, 0);
  const without = people - new Set(rows.map(({ recipient }) => recipient)).size;
  console.log(
    `${rows.length} mails posted, ${without} people without one; all done ${settled.toFixed(0)} s after the last kill`,
  );
  console.log(`lost: ${unsent().length}; sent more than once: ${sends - smtp.taken.size} (allowed: ${kills})`);
  if (unsent().length > 0 || without > 0 || sends - smtp.taken.size > kills) process.exitCode = 1;
} finally {
  if (service) await kill(service);
  await ground.close();
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
}
