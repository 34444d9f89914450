// npm run bench:links: whether links in mails survive everybody who only looks. Issues links to verify an address and to
// reset a password, asks for each with HEAD and five times with GET, and opens each in Chromium, with scripts, for as
// long as the page loads. Then each link must still be good: it is used, and only that counts. BENCH_LINKS (1000).
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { chromium, type Page } from "playwright-core";
import { createMailSeal } from "../../shared/mail/outbox.ts";
import { build } from "../build.ts";
import { startServer } from "./processes.ts";

const links = Number(process.env["BENCH_LINKS"] ?? 1000);
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const secretKey = "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e";
const password = "a password of the benchmark";

async function post(url: string, body: object): Promise<number> {
  const headers = { "Content-Type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
}

/** Half of the links are of one kind, half of the other. */
async function issue(base: string): Promise<void> {
  for (let person = 0; person < links / 2; person += 1) {
    const email = `bench${person}@example.com`;
    await post(`${base}/auth/register`, { email, username: "Bench", password });
    await post(`${base}/auth/password/forgot`, { email });
  }
}

/** The paths of the posted mails, with their tokens. */
function read(file: string): { path: string; token: string }[] {
  const database = new DatabaseSync(file);
  const seal = createMailSeal(secretKey, undefined);
  const rows = database.prepare("select id, template, sealed_data from mail_outbox where recipient is not null").all();
  database.close();
  return rows.map(({ id, template, sealed_data: sealed }) => ({
    path: template === "verify_email" ? "/auth/email/verify" : "/auth/password/reset",
    token: (JSON.parse(seal.open(String(id), Buffer.from(sealed as Uint8Array))) as { token: string }).token,
  }));
}

async function look(url: string, tab: Page): Promise<void> {
  for (const method of ["HEAD", "GET", "GET", "GET", "GET", "GET"]) await (await fetch(url, { method })).text();
  await tab.goto(url, { waitUntil: "load" });
}

if (!existsSync(executablePath)) throw new Error("this needs Chromium: Debian's package chromium, or CHROMIUM");
await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
const file = path.join(folder, "links.db");
const server = await startServer("server.ts", ["service"], {
  SECRET_KEY: secretKey,
  EMBEDDED_DB_FILE: file,
  AzureWebJobsStorage: "",
  ONE_TIME_TOKEN_MINUTES: "1440",
});
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const base = `http://127.0.0.1:${server.port}`;
  await issue(base);
  const issued = read(file);
  const tab = await browser.newPage();
  for (const { path: target, token } of issued) await look(`${base}${target}?token=${token}`, tab);
  const database = new DatabaseSync(file);
  const [row] = database.prepare("select count(*) as n from one_time_tokens where consumed_at is not null").all();
  database.close();
  let good = 0;
  // A reset ends the link that verifies the address: those come first.
  for (const { path: target, token } of issued.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const body = target.endsWith("verify") ? { token } : { token, password: `${password} again` };
    if ((await post(`${base}${target}`, body)) === 200) good += 1;
  }
  console.log(
    `${issued.length} links looked at 7 times each: ${String(row?.["n"])} used by that, ${good} good afterwards`,
  );
  process.exitCode = good === issued.length && row?.["n"] === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
