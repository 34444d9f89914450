// npm run doctor -- --app URL --api URL: checks whether a web app and a running service work together, and says what to
// change.
import { parseArgs } from "node:util";
import { exemptLoopback } from "../shared/platform/no-proxy.ts";
import { ask, member, NoAnswer, type Patient } from "./doctor/ask.ts";
import { fault, type Finding } from "./doctor/finding.ts";
import { checkFirewall } from "./doctor/firewall.ts";
import { checkMail } from "./doctor/mail.ts";
import {
  checkClock,
  checkHealth,
  checkHops,
  checkIssuer,
  checkKeys,
  misconfigured,
  notLatchkey,
} from "./doctor/service.ts";
import { compareSites } from "./doctor/site.ts";
import { checkCookies, checkCors, checkHeaders } from "./doctor/web.ts";

const usage = "usage: npm run doctor -- --app URL --api URL";

const checks: Readonly<Record<string, (patient: Patient) => Promise<Finding[]>>> = {
  health: checkHealth,
  mail: checkMail,
  issuer: checkIssuer,
  keys: checkKeys,
  clock: checkClock,
  hops: checkHops,
  cors: checkCors,
  cookies: checkCookies,
  headers: checkHeaders,
  firewall: checkFirewall,
};

/** A serverless database takes longer than this to wake up; the doctor says so. */
const TIMEOUT_MS = 15_000;

export interface DoctorOptions {
  /** Receives each line as soon as it is known. */
  readonly print: (line: string) => void;
  /** How long to wait for an answer; 15 seconds unless given. */
  readonly timeoutMs?: number;
}

/**
 * Examines a service from outside, without an account and without changing anything. The first line is the verdict on
 * cookies, which depends on the two names only.
 * @returns whether there are no faults; warnings, including a cross-site verdict, may be intended
 * @throws Error with the usage if the arguments are not two URLs
 */
export async function doctor(words: readonly string[], { print, timeoutMs }: DoctorOptions): Promise<boolean> {
  const { app, api } = readWords(words);
  const { verdict, reason, change } = compareSites(app, api);
  const able = verdict === "same-site" ? "can" : "cannot";
  print(`${verdict}  ${reason}: a page of the app ${able} use the refresh cookie`);
  if (change !== undefined) print(`${indent}${change}`);
  const patient = { app, api: api.href.replace(/\/$/, ""), timeoutMs: timeoutMs ?? TIMEOUT_MS };
  const away = await reach(patient);
  const findings = away ? [["api", away] as const] : await examine(patient);
  for (const [about, finding] of findings) {
    print(`${finding.state.padEnd(10)}  ${about.padEnd(8)}  ${finding.text}`);
    if (finding.change !== undefined) print(`${indent}          ${finding.change}`);
  }
  return findings.every(([, { state }]) => state !== "fault");
}

const indent = " ".repeat(12);

/** What prevents the service from answering at all, if anything. */
async function reach(patient: Patient): Promise<Finding | undefined> {
  try {
    const answer = await ask(patient, "/health/live");
    const isAlive = answer.status === 200 && member(answer.json, "data", "status") === "alive";
    return isAlive ? undefined : notLatchkey("/health/live", answer);
  } catch (error) {
    return noAnswer(error);
  }
}

/** Runs all checks at once; one that gets no answer is a fault. With wrong settings, nothing else is reported. */
async function examine(patient: Patient): Promise<(readonly [string, Finding])[]> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([about, check]) => {
      const findings = await check(patient).catch((error: unknown) => [noAnswer(error)]);
      return findings.map((finding) => [about, finding] as const);
    }),
  );
  const all = found.flat();
  const cause = all.find(([, finding]) => finding === misconfigured);
  return cause ? [cause] : all;
}

function noAnswer(error: unknown): Finding {
  if (!(error instanceof NoAnswer)) throw error;
  return fault(
    `no answer: ${error.message}`,
    "check the name, the certificate and the firewall; a sleeping app takes a minute to wake, so try again",
  );
}

function readWords(args: readonly string[]): { readonly app: URL; readonly api: URL } {
  try {
    const options = { app: { type: "string" }, api: { type: "string" } } as const;
    const { values } = parseArgs({ args: [...args], options });
    return { app: readUrl(values.app), api: readUrl(values.api) };
  } catch {
    throw new Error(usage);
  }
}

function readUrl(text = ""): URL {
  const url = new URL(text);
  const { protocol, username, password, search, hash } = url;
  if (!/^https?:$/.test(protocol) || `${username}${password}${search}${hash}` !== "") throw new Error(usage);
  return url;
}

if (import.meta.main) {
  exemptLoopback(process.env);
  try {
    if (!(await doctor(process.argv.slice(2), { print: console.log }))) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
