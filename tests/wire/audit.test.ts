// What a transaction records, when it runs more than once.
import { beforeEach, describe, expect, test } from "vitest";
import { withinInvocation } from "../../shared/platform/log.ts";
import type { Transaction } from "../../shared/services.ts";
import { contextOf } from "../support/context.ts";
import { newDevice, password } from "../support/people.ts";
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
    "stays what the first run found, where the answer to its commit was lost %s",
    async (_when, reply) => {
      once(server, isCommit, reply);
      expect(await record(nothing)).toEqual({ answer: 2, reasons: ["run 1"] });
    },
  );

  test("stays that through a deadlock of the second run", async () => {
    once(server, isCommit, () => "drop");
    const work = async (tx: Transaction, run: number) => {
      if (run === 2) once(server, starts("select"), () => deadlock);
      await tx.identities.list(nobody);
    };
    expect(await record(work)).toEqual({ answer: 3, reasons: ["run 1"] });
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
    const audited = logLines.map((line) => JSON.parse(line) as Line).filter(({ event }) => event === "audit");
    expect(audited).toEqual([
      expect.objectContaining({ type: "session.ended", reason: "too many sessions" }),
      expect.objectContaining({ type: "sign_in.succeeded" }),
    ]);
  },
);

interface Line {
  readonly event: string;
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
