// npm run bench:mail-slow: logins while SLOW_MAILS (1000) mails wait for a mail server that takes one a second, next to
// logins at a service without mails, in turn, for SLOW_SECONDS (300). Tells both 99th percentiles.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadConfig } from "../../shared/config.ts";
import type { OutgoingMail } from "../../shared/mail/message.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { noSource } from "../../shared/platform/source.ts";
import { createServices } from "../../shared/services.ts";
import { build } from "../build.ts";
import { kill, openMailServer, password, postJson, prepareGround, startBuilt, type Ground } from "./mail-ground.ts";
import { percentile } from "./statistics.ts";

const mails = Number(process.env["SLOW_MAILS"] ?? 1000);
const seconds = Number(process.env["SLOW_SECONDS"] ?? 300);
const email = "person@example.com";

/** Posts mails as calls do. */
async function postMails({ settings }: Ground): Promise<void> {
  const services = createServices(loadConfig(settings));
  const now = services.clock.now();
  const call = { services, now, source: noSource, locale: "en" } as const;
  for (let posted = 0; posted < mails; posted += 10)
    await services.transaction(call, async (tx) => {
      for (let count = 0; count < Math.min(10, mails - posted); count += 1) {
        const data = { username: "Bench", isReset: false };
        const to = `person${posted + count}@example.com`;
        const mail: OutgoingMail = {
          id: newId(now),
          template: "password_changed",
          to,
          accountId: null,
          locale: "en",
          data,
        };
        await tx.mail.post(mail, now);
      }
    });
  await services.close();
}

async function login(url: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await postJson(`${url}/auth/login`, { email, password, transport: "body" });
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - startedAt;
}

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-slow-"));
const smtp = await openMailServer(1000);
const [busy, idle] = [await prepareGround(folder, "busy", smtp.port), await prepareGround(folder, "idle", smtp.port)];
try {
  await build({ root: process.cwd() });
  const [one, other] = [await startBuilt(busy.settings), await startBuilt(idle.settings)];
  try {
    for (const { url } of [one, other]) {
      await postJson(`${url}/auth/register`, { email, username: "Bench", password });
      for (let warm = 0; warm < 50; warm += 1) await login(url);
    }
    await postMails(busy);
    const [with_, without]: [number[], number[]] = [[], []];
    const before = smtp.taken.size;
    const startedAt = performance.now();
    while (performance.now() - startedAt < seconds * 1000) {
      with_.push(await login(one.url));
      without.push(await login(other.url));
    }
    const took = (performance.now() - startedAt) / 1000;
    const told = (figures: number[]) => {
      const sorted = Float64Array.from(figures).toSorted();
      return [50, 95, 99].map((percent) => percentile(sorted, percent));
    };
    const [loaded, plain] = [told(with_), told(without)];
    const line = (name: string, figures: number[]) =>
      console.log(
        `${name.padEnd(16)}${["p50", "p95", "p99"].map((p, at) => `${p} ${(figures[at] ?? 0).toFixed(1)} ms`).join("  ")}`,
      );
    console.log(
      `${with_.length} logins at each; the mail server took ${smtp.taken.size - before} mails in ${took.toFixed(0)} s`,
    );
    line("with mails", loaded);
    line("without mails", plain);
    const ratio = (loaded[2] ?? 0) / (plain[2] ?? 1);
    console.log(`p99 with mails is ${ratio.toFixed(2)} times the other (at most 1.1)`);
    if (ratio > 1.1) process.exitCode = 1;
  } finally {
    await Promise.all([kill(one), kill(other)]);
  }
} finally {
  await Promise.all([busy.close(), idle.close()]);
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
}
