// Each alert fires for the lines that the service writes when something is wrong, and for no others.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createAudit } from "../../../shared/audit/audit.ts";
import { eventTypes, type AuditEventType } from "../../../shared/audit/event-types.ts";
import { describeError, log } from "../../../shared/platform/log.ts";
import { misconfigured } from "../../../shared/platform/misconfigured.ts";
import { ConfigError } from "../../../shared/platform/settings/config-error.ts";
import { noSource } from "../../../shared/platform/source.ts";
import { readQuery } from "../../support/kql/kusto.ts";
import { now, traces } from "../../support/kql/lines.ts";
import { alertsOf, type Alert } from "../../support/kql/pages.ts";
import { runQuery, type Row } from "../../support/kql/run.ts";
import { tables } from "../../support/kql/tables.ts";

const alerts = alertsOf("cheap");
const page = readFileSync("docs/monitoring.md", "utf8");

test("docs/monitoring.md lists the alerts, each with its severity", () => {
  const told = [...page.matchAll(/^\| `([\w-]+)` \((\d)\) \|/gm)].map(([, name, severity]) => `${name} ${severity}`);
  expect(told.toSorted()).toEqual(alerts.map(({ name, severity }) => `${name} ${severity}`).toSorted());
});

type Rows = Readonly<Record<string, readonly Row[]>>;

/** Whether an alert fires, as Azure Monitor judges it: by the number of rows, or by the greatest measure. */
function fires({ text, threshold, measure }: Alert, rows: Rows): boolean {
  const found = runQuery(readQuery(text, tables), rows, now);
  return (measure === undefined ? found.length : Math.max(0, ...found.map((row) => Number(row[measure])))) > threshold;
}

const of = async (count: number, work: () => unknown, name?: string): Promise<Rows> => ({
  traces: (
    await Promise.all(Array.from({ length: count }, () => traces(work, name === undefined ? {} : { name })))
  ).flat(),
});

const both = (one: Rows, other: Rows): Rows => ({ traces: [...(one["traces"] ?? []), ...(other["traces"] ?? [])] });

const audited = (type: AuditEventType, keep = async () => {}) =>
  createAudit(keep).record({ now, source: noSource }, { type });
const isAway = () => Promise.reject(new Error("away"));
const failed = () => log("error", "job.failed", { cause: describeError(new Error("away")) });
const dead = () => log("error", "mail.dead", { mail: "m", template: "verification", attempts: 1, why: "550" });
const calls = (count: number, resultCode: string): Row[] => Array.from({ length: count }, () => ({ resultCode }));
const put = (ObjectKey: string): Rows => ({ StorageQueueLogs: [{ OperationName: "PutMessage", ObjectKey }] });

/** For each alert: rows that it fires for, and rows that are just not enough or something else. */
const samples: Readonly<Record<string, { fires: () => Promise<Rows> | Rows; stays: () => Promise<Rows> | Rows }>> = {
  "server-errors": {
    fires: () => ({ requests: [...calls(2, "503"), ...calls(37, "200")] }),
    stays: () => ({ requests: [...calls(2, "503"), ...calls(38, "401")] }),
  },
  "wrong-settings": {
    fires: () => of(1, () => misconfigured(new ConfigError("Wrong settings: SECRET_KEY is required"))),
    stays: () => of(1, () => log("warn", "service.doubtful_settings", { message: "PORT has no effect" })),
  },
  "reuse-detected": {
    fires: () => of(1, () => audited("session.reuse_detected")),
    stays: () => of(1, () => audited("session.refresh_refused")),
  },
  "credential-stuffing": {
    fires: () => of(1, () => audited("sign_in.stuffing_detected")),
    stays: () => of(1, () => audited("sign_in.closed")),
  },
  "copied-passkeys": {
    fires: () => of(1, () => audited("passkey.count_reversed")),
    stays: () => of(1, () => audited("passkey.refused")),
  },
  "failed-sign-ins": {
    fires: () => of(101, () => audited("sign_in.failed")),
    stays: () => of(100, () => audited("sign_in.failed")),
  },
  "audit-log": {
    fires: () => of(2, () => audited("sign_in.failed", isAway)),
    stays: async () =>
      both(await of(1, () => audited("sign_in.failed", isAway)), await of(9, () => audited("audit.pruned"))),
  },
  mail: { fires: () => of(11, dead), stays: () => of(10, dead) },
  "nightly-jobs": {
    fires: () => of(1, failed, "rotate-signing-keys"),
    stays: () => of(1, failed, "send-mail"),
  },
  "poison-queue": { fires: () => put("/st/mail-poison"), stays: () => put("/st/mail") },
};

test("every alert is tried here", () => {
  expect(Object.keys(samples).toSorted()).toEqual(alerts.map(({ name }) => name).toSorted());
});

describe("an alert fires when it should, and only then:", () => {
  test.each(alerts)("$name", async (alert) => {
    const sample = samples[alert.name];
    expect(fires(alert, (await sample?.fires()) ?? {})).toBe(true);
    expect(fires(alert, (await sample?.stays()) ?? {})).toBe(false);
  });

  test("reuse-detected also for a repeat from elsewhere", async () => {
    const alert = alerts.find(({ name }) => name === "reuse-detected");
    expect(alert && fires(alert, await of(1, () => audited("session.repeat_suspicious")))).toBe(true);
  });

  test("each type of event that is alarming has one", async () => {
    for (const type of Object.keys(eventTypes) as AuditEventType[]) {
      if (!("isAlarming" in eventTypes[type])) continue;
      const rows = await of(1, () => audited(type));
      expect(
        alerts.filter((alert) => "traces" in rows && alert.text.startsWith("traces") && fires(alert, rows)),
        type,
      ).toHaveLength(1);
    }
  });

  test("nightly-jobs for every timer, and for nothing else", () => {
    const timers = globSync("functions/jobs/*.ts").flatMap((file) => {
      const source = readFileSync(file, "utf8");
      return source.includes("schedule:") ? [/name: "([\w-]+)"/.exec(source)?.[1]] : [];
    });
    const { text = "" } = alerts.find(({ name }) => name === "nightly-jobs") ?? {};
    const asked = [...(/line\.function\) in \(([^)]*)\)/.exec(text)?.[1]?.matchAll(/'([\w-]+)'/g) ?? [])];
    expect(asked.map(([, name]) => name).toSorted()).toEqual(timers.toSorted());
  });
});

test("an alert asks the tables of the resource that it is about", () => {
  for (const { name, text, isOnWorkspace } of alerts)
    expect(isOnWorkspace, name).toBe(!/^\s*(?:traces|requests)\b/.test(text));
});
