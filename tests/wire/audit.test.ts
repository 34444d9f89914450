// What a transaction records, when it runs more than once.
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { withinInvocation } from "../../shared/platform/log.ts";
import type { Transaction } from "../../shared/stores.ts";
import { contextOf } from "../support/context.ts";
import { newDevice, password, refresh, type Device } from "../support/people.ts";
import { startService } from "../support/service.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { lostAnswers, once, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
// Nothing here waits for a limit, and the machine may be slow.
const patient = {
  DB_ACQUIRE_TIMEOUT_SECONDS: "20",
  DB_CONNECT_TIMEOUT_SECONDS: "20",
  DB_RETRY_BUDGET_SECONDS: "20",
  SESSIONS_PER_ACCOUNT: "1",
};
const service = await startService({ ...settingsFor(server.port), ...patient });
const { api, services, clock, logLines } = service;
const isCommit = ({ kind }: TdsRequest) => kind === "commit";
const nobody = "00000000-0000-8000-8000-000000000000";
const deadlock = { error: { number: 1205, message: "deadlock" } };

const source = { address: "192.0.2.7", userAgent: "test" };

const nothing = async () => {};

beforeEach(() => {
  server.script = {};
});

describe("what a transaction appends to the audit log", () => {
  test("is recorded once when it has committed, in its order", async () => {
    const work = (tx: Transaction) => tx.audit.append({ type: "session.ended", reason: "second" });
    expect(await record(work)).toEqual({ answer: 1, reasons: ["run 1", "second"] });
  });

  test("is not recorded when it is undone", async () => {
    const work = () => Promise.reject(new Error("no"));
    expect(await record(work)).toEqual({ answer: "no", reasons: [] });
  });

  test("is that of the run that committed, after a deadlock", async () => {
    once(server, starts("select"), () => deadlock);
    expect(await record(nothing)).toEqual({ answer: 2, reasons: ["run 2"] });
  });

  test.each(lostAnswers)(
    "is that of the last run, where the answer to a commit was lost %s: it finds no trace of the first",
    async (_when, reply) => {
      once(server, isCommit, reply);
      expect(await record(nothing)).toEqual({ answer: 2, reasons: ["run 2"] });
    },
  );

  test("is known to a run after a lost commit, also after a deadlock in between", async () => {
    once(server, isCommit, () => "drop");
    const known: unknown[] = [];
    const work = async (tx: Transaction, run: number) => {
      known.push(tx.audit.earlier.map(({ reason }) => reason));
      if (run === 2) once(server, starts("select"), () => deadlock);
      await tx.identities.list(nobody);
    };
    expect(await record(work)).toEqual({ answer: 3, reasons: ["run 3"] });
    expect(known).toEqual([[], ["run 1"], ["run 1"]]);
  });

  test("is not recorded when the second run is undone: the caller is told that nothing was done", async () => {
    once(server, isCommit, () => "drop");
    const work = (_tx: Transaction, run: number) => (run === 2 ? Promise.reject(new Error("no")) : nothing());
    expect(await record(work)).toEqual({ answer: "no", reasons: [] });
  });

  test("is not recorded where an unanswered commit is not repeated: the caller is told to ask again", async () => {
    once(server, isCommit, () => "drop");
    const { answer, reasons } = await record(nothing, false);
    expect([String(answer).includes("cannot be reached"), reasons]).toEqual([true, []]);
  });
});

test.each(lostAnswers)(
  "a login whose commit was not answered, lost %s, and the session that it has ended are each told once",
  async (_when, reply) => {
    const { email } = await newDevice(api);
    logLines.length = 0;
    once(server, isCommit, reply);
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
    expect(auditedLines()).toEqual([
      expect.objectContaining({ type: "session.ended", reason: "too many sessions" }),
      expect.objectContaining({ type: "sign_in.succeeded" }),
    ]);
  },
);

test.each(lostAnswers)("a refresh whose commit was not answered, lost %s, is told once", async (_when, reply) => {
  const { cookie } = await newDevice(api);
  logLines.length = 0;
  once(server, isCommit, reply);
  expect((await refresh(api, cookie)).status).toBe(200);
  expect(told()).toEqual(["session.refreshed rotate"]);
});

describe("a call whose commit was not taken, and which finds something else in its second run", () => {
  const login = ({ email }: Device) => api.post("/auth/login", { body: { email, password } });
  const renew = ({ cookie }: Device) => refresh(api, cookie);

  test.each([
    ["a refresh whose session ended", endSession, renew, 401, ["session.refresh_refused invalid"]],
    [
      "a login whose account was disabled",
      "update users set is_active = 0",
      login,
      401,
      ["sign_in.failed inactive account, or password changed meanwhile"],
    ],
    ["a login that has no session to end any more", endSession, login, 200, ["sign_in.succeeded undefined"]],
    [
      "a refresh whose token someone else used",
      useElsewhere,
      renew,
      200,
      ["session.refreshed repeat", "session.repeat_suspicious another network and user agent"],
    ],
  ] as const)("tells only of that: %s", async (_what, change, call, status, events) => {
    const device = await newDevice(api);
    logLines.length = 0;
    betweenRuns(typeof change === "string" ? change : change(device));
    expect((await call(device)).status).toBe(status);
    expect(told()).toEqual(events);
  });
});

const endSession = "update sessions set ended_at = created_at, end_reason = 'logout' where ended_at is null";

/** Uses a device's token up on another network, with another browser. */
function useElsewhere({ refreshToken }: Device): string {
  const token = services.sessions.present(refreshToken, { address: "203.0.113.9", userAgent: "elsewhere" });
  const hex = (bytes: Buffer) => `x'${bytes.toString("hex")}'`;
  return `
    insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
    select ${hex(token.successorHash)}, session_id, created_at, expires_at from refresh_tokens
    where token_hash = ${hex(token.tokenHash)};
    update refresh_tokens set consumed_at = created_at, used_from = ${hex(token.usedFrom)}
    where token_hash = ${hex(token.tokenHash)}`;
}

/** Drops the next commit, which is not taken, and changes the data before the second run. */
function betweenRuns(sql: string): void {
  let run = 1;
  server.script.request = (request, answer) => {
    if (run === 1 && isCommit(request)) {
      run = 2;
      return "drop";
    }
    if (run === 2) {
      run = 3;
      const database = new DatabaseSync(server.file);
      database.exec(sql);
      database.close();
    }
    return answer();
  };
}

const auditedLines = () => logLines.map((line) => JSON.parse(line) as Line).filter(({ event }) => event === "audit");

const told = () => auditedLines().map(({ type, reason }) => `${type} ${reason}`);

interface Line {
  readonly event: string;
  readonly type: string;
  readonly reason: string;
  readonly address: string;
}

/** Runs a transaction that records which run it is, after a query. @returns the reasons that were recorded, and the answer */
async function record(work: (tx: Transaction, run: number) => Promise<unknown>, isRepeatable = true) {
  const lines: Line[] = [];
  const write = (_level: string, line: string) => void lines.push(JSON.parse(line) as Line);
  let run = 0;
  const transaction = () =>
    services.transaction(
      contextOf(services, clock.now(), source),
      async (tx) => {
        run += 1;
        await tx.identities.list(nobody);
        await tx.audit.append({ type: "session.ended", reason: `run ${run}` });
        await work(tx, run);
        return run;
      },
      { isRepeatable },
    );
  const answer = await withinInvocation({ requestId: "r", functionName: "f", write }, () =>
    transaction().catch((error: unknown) => (error as Error).message),
  );
  const audited = lines.filter(({ event }) => event === "audit");
  expect(audited.every(({ address }) => address === source.address)).toBe(true);
  return { answer, reasons: audited.map(({ reason }) => reason) };
}
